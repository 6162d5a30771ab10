package org.whylm.lm;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A model hub on the loopback interface whose files misbehave as told. */
final class FakeHub implements AutoCloseable {

    interface Behaviour {
        void answer(HttpExchange exchange) throws IOException, InterruptedException;
    }

    /** What was asked for. */
    record Request(String path, String range, String ifRange) {}

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, Behaviour> files = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();

    FakeHub() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            var path = exchange.getRequestURI().getPath();
            var headers = exchange.getRequestHeaders();
            requests.add(new Request(path, headers.getFirst("Range"), headers.getFirst("If-Range")));
            try {
                files.getOrDefault(path, e -> e.sendResponseHeaders(404, -1)).answer(exchange);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                exchange.close();
            }
        });
        server.start();
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    List<Request> requests() {
        return requests;
    }

    FakeHub file(String path, Behaviour behaviour) {
        files.put(path, behaviour);
        return this;
    }

    /** A well-behaved file: whole, or from a byte on if the tag still fits. */
    static Behaviour whole(byte[] bytes, String tag) {
        return exchange -> {
            int from = from(exchange, tag);
            begin(exchange, bytes, tag, from);
            exchange.getResponseBody().write(bytes, from, bytes.length - from);
        };
    }

    /** Promises everything that is asked for and breaks the connection after some bytes. */
    static Behaviour cutAfter(int count, byte[] bytes, String tag) {
        return exchange -> {
            int from = from(exchange, tag);
            begin(exchange, bytes, tag, from);
            exchange.getResponseBody().write(bytes, from, Math.min(count, bytes.length - from));
            exchange.getResponseBody().flush();
        };
    }

    /** One behaviour after another, the last one for good. */
    static Behaviour inTurn(Behaviour... behaviours) {
        var count = new java.util.concurrent.atomic.AtomicInteger();
        return exchange -> behaviours[Math.min(count.getAndIncrement(), behaviours.length - 1)].answer(exchange);
    }

    static Behaviour status(int status, String... headers) {
        return exchange -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
            }
            exchange.sendResponseHeaders(status, -1);
        };
    }

    static void begin(HttpExchange exchange, byte[] bytes, String tag, int from) throws IOException {
        if (tag != null) {
            exchange.getResponseHeaders().set("ETag", tag);
        }
        if (from > 0) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length);
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, bytes.length - from);
    }

    private static int from(HttpExchange exchange, String tag) {
        var range = exchange.getRequestHeaders().getFirst("Range");
        boolean fits = range != null
                && tag != null
                && tag.equals(exchange.getRequestHeaders().getFirst("If-Range"));
        return fits ? Integer.parseInt(range.replaceAll("\\D", "")) : 0;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
