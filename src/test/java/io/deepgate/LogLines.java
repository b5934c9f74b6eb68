package io.deepgate;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What a class logs while this is open, instead of on the console. */
public final class LogLines extends AppenderBase<ILoggingEvent> implements AutoCloseable {

    private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
    private final Logger logger;

    private LogLines(Class<?> type) {
        logger = (Logger) LoggerFactory.getLogger(type);
    }

    public static LogLines of(Class<?> type) {
        LogLines lines = new LogLines(type);
        lines.start();
        lines.logger.addAppender(lines);
        lines.logger.setAdditive(false);
        lines.logger.setLevel(Level.ALL);
        return lines;
    }

    @Override
    protected void append(ILoggingEvent event) {
        events.add(event);
    }

    public List<ILoggingEvent> events() {
        return events;
    }

    /** Each as {@code LEVEL message}. */
    public List<String> texts() {
        return events.stream()
                .map(event -> event.getLevel() + " " + event.getFormattedMessage())
                .toList();
    }

    @Override
    public void close() {
        logger.setLevel(null);
        logger.setAdditive(true);
        logger.detachAppender(this);
    }
}
