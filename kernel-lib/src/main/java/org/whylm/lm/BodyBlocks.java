package org.whylm.lm;

import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;

/**
 * The blocks of a response's body, taken one at a time by the thread that writes them: unlike a stream, with a limit on how long
 * the next one may take and open to interrupts.
 */
final class BodyBlocks implements Flow.Subscriber<List<ByteBuffer>>, AutoCloseable {

    private record Event(List<ByteBuffer> block, Throwable failure) {}

    /** Only one block is ever asked for, so that the end or a failure always finds room. */
    private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(2);

    private volatile Flow.Subscription subscription;

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        this.subscription = subscription;
        subscription.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> block) {
        events.add(new Event(block, null));
    }

    @Override
    public void onError(Throwable failure) {
        events.add(new Event(null, failure));
    }

    @Override
    public void onComplete() {
        events.add(new Event(null, null));
    }

    /**
     * The next block, or nothing at the end.
     *
     * @throws IOException if the connection broke, or the block did not come in time
     */
    Optional<List<ByteBuffer>> next(Duration patience) throws IOException, InterruptedException {
        var event = events.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        if (event == null) {
            throw new HttpTimeoutException("no byte came for " + patience.toMillis() / 1000.0 + " seconds");
        }
        if (event.failure() != null) {
            throw new IOException(event.failure().getMessage(), event.failure());
        }
        if (event.block() != null) {
            subscription.request(1);
        }
        return Optional.ofNullable(event.block());
    }

    /** Ends the connection if the body has not come to its end. */
    @Override
    public void close() {
        if (subscription != null) {
            subscription.cancel();
        }
    }
}
