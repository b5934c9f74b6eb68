package io.deepgate.forward;

/** An attempt that no other follows. */
public final class SingleAttempt implements AutoCloseable {

    private final Answer answer;
    private final Outbox outbox;

    SingleAttempt(Answer answer, Outbox outbox) {
        this.answer = answer;
        this.outbox = outbox;
    }

    public Answer answer() {
        return answer;
    }

    @Override
    public void close() {
        answer.close();
        outbox.release();
    }
}
