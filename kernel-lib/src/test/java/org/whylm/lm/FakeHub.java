package org.whylm.lm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.Gson;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.whylm.run.Sha256;
import org.whylm.run.Workspace;

/** A model hub on the loopback interface, as far as its own client asks it for files; some of them misbehave as told. */
public final class FakeHub implements AutoCloseable {

    interface Behaviour {
        void answer(HttpExchange exchange) throws IOException;
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** Content by repository, revision and name. */
    private final Map<String, Map<String, byte[]>> revisions = new ConcurrentHashMap<>();

    private final Map<String, Behaviour> misbehaving = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();

    public FakeHub() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    /** The hub's own client has to be there. */
    public static void assumeClient() throws IOException, InterruptedException {
        var python = Workspace.current().python();
        assumeTrue(Files.isExecutable(python), python + " is not there: `make setup` makes it");
        int status = new ProcessBuilder(python.toString(), "-c", "import huggingface_hub")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        assumeTrue(status == 0, python + " has no huggingface_hub: `make setup` installs it");
    }

    public String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Method and path of everything that was asked for. */
    public List<String> requests() {
        return requests;
    }

    /** Publishes the files of a folder as a revision. */
    public FakeHub revision(String repository, String revision, Path folder) throws IOException {
        var files = new TreeMap<String, byte[]>();
        try (var list = Files.list(folder)) {
            for (var file : list.toList()) {
                files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        revisions.put(repository + "@" + revision, files);
        return this;
    }

    /** How a path is answered, whatever is there. */
    FakeHub path(String path, Behaviour behaviour) {
        misbehaving.put(path, behaviour);
        return this;
    }

    static String commit(String revision) {
        return Sha256.of(revision).substring(0, 40);
    }

    private void answer(HttpExchange exchange) throws IOException {
        var path = exchange.getRequestURI().getPath();
        requests.add(exchange.getRequestMethod() + " " + path);
        try (exchange) {
            if (misbehaving.containsKey(path)) {
                misbehaving.get(path).answer(exchange);
                return;
            }
            var parts = path.split("/");
            boolean isList = path.startsWith("/api/models/") && parts.length == 7;
            boolean isFile = parts.length == 6 && parts[3].equals("resolve");
            var files = isList
                    ? revisions.get(parts[3] + "/" + parts[4] + "@" + parts[6])
                    : isFile ? revisions.get(parts[1] + "/" + parts[2] + "@" + parts[4]) : null;
            if (files == null) {
                missing(exchange, isList ? "RevisionNotFound" : "EntryNotFound");
            } else if (isList) {
                var names = files.keySet().stream()
                        .map(name -> Map.of("rfilename", name))
                        .toList();
                var json = Map.of("id", parts[3] + "/" + parts[4], "sha", commit(parts[6]), "siblings", names);
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                send(exchange, new Gson().toJson(json).getBytes(UTF_8), -1);
            } else if (files.containsKey(parts[5])) {
                file(exchange, commit(parts[4]), files.get(parts[5]), Sha256.of(files.get(parts[5])), -1);
            } else {
                missing(exchange, "EntryNotFound");
            }
        }
    }

    /**
     * A file as the hub has it, or as it announces it.
     *
     * @param sha256 that is announced
     * @param count of bytes after which the connection ends; -1 for all
     */
    static void file(HttpExchange exchange, String commit, byte[] bytes, String sha256, int count) throws IOException {
        exchange.getResponseHeaders().set("X-Repo-Commit", commit);
        exchange.getResponseHeaders().set("ETag", "\"" + sha256 + "\"");
        send(exchange, bytes, count);
    }

    static void missing(HttpExchange exchange, String code) throws IOException {
        exchange.getResponseHeaders().set("X-Error-Code", code);
        exchange.sendResponseHeaders(404, -1);
    }

    private static void send(HttpExchange exchange, byte[] bytes, int count) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(bytes.length));
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        var range = exchange.getRequestHeaders().getFirst("Range");
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, bytes.length - from);
        exchange.getResponseBody()
                .write(bytes, from, count < 0 ? bytes.length - from : Math.min(count, bytes.length - from));
        exchange.getResponseBody().flush();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
