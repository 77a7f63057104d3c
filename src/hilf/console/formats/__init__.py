"""Forms of dates and numbers, where Django has none that fit."""
