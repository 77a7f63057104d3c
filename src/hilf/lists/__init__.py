"""Lists of what must not leave by mistake: own assets, names of victims, special-use ranges, warning lists."""
