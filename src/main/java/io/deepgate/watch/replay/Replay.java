package io.deepgate.watch.replay;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/** Asks what has not been asked, some cases at once. */
final class Replay {

    private record Question(Case asked, String model) {}

    private final List<Case> cases;
    private final ResultsFile results;
    private final Asker asker;
    private final Budget budget;
    private final IntConsumer progress;
    private final AtomicReference<RuntimeException> failure = new AtomicReference<>();
    private int left;

    /** @param progress is told, after each answer, how many are left */
    Replay(List<Case> cases, ResultsFile results, Asker asker, Budget budget, IntConsumer progress) {
        this.cases = cases;
        this.results = results;
        this.asker = asker;
        this.budget = budget;
        this.progress = progress;
    }

    /**
     * Returns when all has been asked, or the budget is spent.
     *
     * @return whether the budget allowed all
     * @throws Asker.RefusedException if no case is answered
     * @throws UncheckedIOException if the results cannot be written
     */
    boolean run(List<String> models, int atOnce) throws InterruptedException {
        List<Question> open = new ArrayList<>();
        for (Case one : cases) {
            models.stream()
                    .filter(model -> results.of(one, model) == null)
                    .forEach(model -> open.add(new Question(one, model)));
        }
        left = open.size();
        int begun = 0;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Semaphore free = new Semaphore(atOnce);
            for (Question question : open) {
                free.acquire();
                if (failure.get() != null || !budget.begin()) {
                    break;
                }
                begun++;
                threads.execute(() -> {
                    ask(question);
                    free.release();
                });
            }
        }
        RuntimeException failed = failure.get();
        if (failed != null) {
            throw failed;
        }
        return begun == open.size();
    }

    private void ask(Question question) {
        long cost = 0;
        try {
            Result result = asker.ask(question.asked, question.model);
            if (result != null) {
                cost = result.cost() == null ? 0 : result.cost();
                results.add(result);
            }
        } catch (IOException e) {
            failure.set(new UncheckedIOException(e));
        } catch (RuntimeException e) {
            failure.set(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        budget.end(cost);
        asked();
    }

    private synchronized void asked() {
        left--;
        progress.accept(left);
    }
}
