// Settings of htmx that the Content-Security-Policy asks for; nothing else runs by itself.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
