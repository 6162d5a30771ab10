package org.whylm.lm;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.regex.Pattern;
import org.whylm.run.Progress;
import org.whylm.run.Sha256;

/**
 * Brings files over HTTP into place: whole and verified, or not at all. What arrived before a connection broke, or before the
 * process ended, is kept beside the target ({@code .part}) and continued (RFC 9110, ranges with {@code If-Range}) if the server
 * says by a strong entity tag that the file is still the same.
 */
final class HubDownload {

    /**
     * How patient a download is.
     *
     * @param connect for a connection and for the head of a response
     * @param stall for the next bytes of a body
     * @param pause before the first repetition; doubled with each further one
     * @param attempts in a row that bring no new byte before it gives up
     */
    record Pace(Duration connect, Duration stall, Duration pause, int attempts) {

        static final Pace STANDARD = new Pace(Duration.ofSeconds(20), Duration.ofSeconds(60), Duration.ofSeconds(1), 6);
    }

    /**
     * What a file must be.
     *
     * @param bytes null if not known
     * @param sha256 null if not known
     */
    record Expected(Long bytes, String sha256) {}

    /**
     * What came.
     *
     * @param commit of the repository, as the hub named it; null if it did not
     */
    record Arrived(long bytes, String sha256, String commit) {}

    /** The hub has no such file. */
    static final class NotThere extends IOException {
        private static final long serialVersionUID = 1L;

        NotThere(URI address) {
            super(address + " is not there (404)");
        }
    }

    /** A failure that a repetition may cure. */
    private static final class Transient extends IOException {
        private static final long serialVersionUID = 1L;
        private final Duration pause;

        Transient(String message, Duration pause) {
            super(message);
            this.pause = pause;
        }
    }

    /**
     * @param linkedSha256 hash that the hub announces for a file of its large-file store, null if it does not
     */
    private record Answer(
            HttpResponse<Flow.Publisher<List<ByteBuffer>>> response, String linkedSha256, String commit) {}

    private static final int REDIRECTS = 5;
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18})");
    private static final Pattern QUOTED_SHA256 = Pattern.compile("\"([0-9a-f]{64})\"");

    private final Pace pace;
    private final HttpClient client;

    HubDownload(Pace pace) {
        this.pace = pace;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(pace.connect())
                .build();
    }

    /**
     * Downloads one file.
     *
     * @param target the file; replaced if it exists
     * @throws NotThere if the server answers 404
     * @throws IOException if it cannot be had, or is not what was expected; the target is then as it was before
     * @throws Progress.Interrupted if the thread was interrupted
     */
    Arrived fetch(URI address, Path target, Expected expected) throws IOException {
        Files.createDirectories(target.toAbsolutePath().getParent());
        var part = new Part(target);
        try {
            boolean continued = part.bytes() > 0 && part.tag().isPresent();
            var answer = receive(address, part, expected);
            var wanted = expected.sha256() != null ? expected.sha256() : answer.linkedSha256();
            var found = Sha256.of(part.file());
            if (wanted != null && !wanted.equals(found) && continued) {
                part.discard();
                answer = receive(address, part, expected);
                found = Sha256.of(part.file());
            }
            if (wanted != null && !wanted.equals(found)) {
                part.discard();
                throw new IOException(address + " has SHA-256 " + found + ", expected " + wanted
                        + ": damaged on the way, or another file than it was");
            }
            long bytes = part.bytes();
            part.moveTo(target);
            return new Arrived(bytes, found, answer.commit());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            try (var progress = Progress.start("download of " + address, 0, "bytes")) {
                progress.advance(0);
            }
            throw new AssertionError("advance() reports the interrupt", e);
        }
    }

    private Answer receive(URI address, Part part, Expected expected) throws IOException, InterruptedException {
        long most = part.bytes();
        for (int failures = 0; ; ) {
            Transient failure;
            try {
                return attempt(address, part, expected);
            } catch (Transient e) {
                failure = e;
            }
            if (part.bytes() > most) {
                most = part.bytes();
                failures = 0;
            }
            if (++failures >= pace.attempts()) {
                throw new IOException(
                        address + " could not be downloaded, " + failures + " attempts in a row brought nothing new: "
                                + failure.getMessage()
                                + (part.bytes() > 0 ? " (" + part.bytes() + " bytes are kept to go on from)" : ""),
                        failure);
            }
            var backOff = pace.pause().multipliedBy(1L << Math.min(failures - 1, 20));
            var longer = backOff.compareTo(failure.pause) > 0 ? backOff : failure.pause;
            Thread.sleep((longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer).toMillis());
        }
    }

    private Answer attempt(URI address, Part part, Expected expected) throws IOException, InterruptedException {
        long have = part.tag().isPresent() ? part.bytes() : 0;
        var answer = ask(address, have, part.tag());
        try (var body = new BodyBlocks()) {
            answer.response().body().subscribe(body);
            var headers = answer.response().headers();
            int status = answer.response().statusCode();
            switch (status) {
                case 200 -> {
                    part.restart(strongTag(headers));
                    copy(address, body, part, length(address, headers), expected, 0);
                }
                case 206 -> copy(address, body, part, rangeTotal(part, headers, have), expected, have);
                case 404, 410 -> throw new NotThere(address);
                case 401, 403 ->
                    throw new IOException(
                            address + " is refused (" + status + "): there is no such repository, or it is not public");
                case 416 -> {
                    if (have == 0
                            || expected.sha256() == null
                            || !expected.sha256().equals(Sha256.of(part.file()))) {
                        part.discard();
                        throw new Transient("the server has no bytes after " + have + " (416)", Duration.ZERO);
                    }
                }
                case 408, 425, 429, 500, 502, 503, 504 ->
                    throw new Transient("the server answers " + status, retryAfter(headers));
                default -> throw new IOException(address + ": the server answers " + status);
            }
        }
        return answer;
    }

    private static String detail(Exception e) {
        return e.getMessage() == null ? "" : " (" + e.getMessage() + ")";
    }

    /** Follows redirects by hand: each target must be as safe as the hub. */
    private Answer ask(URI address, long from, Optional<String> tag) throws IOException, InterruptedException {
        String linked = null, commit = null;
        var at = address;
        for (int hop = 0; hop <= REDIRECTS; hop++) {
            var request = HttpRequest.newBuilder(at).timeout(pace.connect()).header("User-Agent", "whylm");
            if (from > 0) {
                request.header("Range", "bytes=" + from + "-").header("If-Range", tag.orElseThrow());
            }
            var response = send(request.build());
            var headers = response.headers();
            linked = linked != null ? linked : sha256(headers);
            commit = commit != null
                    ? commit
                    : headers.firstValue("X-Repo-Commit")
                            .filter(value -> value.matches("[0-9a-f]{40}"))
                            .orElse(null);
            int status = response.statusCode();
            var location = headers.firstValue("Location");
            if (status < 300 || status > 399 || location.isEmpty()) {
                return new Answer(response, linked, commit);
            }
            try (var body = new BodyBlocks()) {
                response.body().subscribe(body);
            }
            at = HubAddress.redirect(at, location.get());
        }
        throw new IOException(address + " is redirected more than " + REDIRECTS + " times");
    }

    private HttpResponse<Flow.Publisher<List<ByteBuffer>>> send(HttpRequest request)
            throws IOException, InterruptedException {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofPublisher());
        } catch (IOException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof UnresolvedAddressException) {
                    throw new IOException("No host " + request.uri().getHost() + " is known here: no network?", e);
                }
            }
            throw new Transient("no answer from " + request.uri().getAuthority() + detail(e), Duration.ZERO);
        }
    }

    private static String sha256(HttpHeaders headers) {
        var matcher = QUOTED_SHA256.matcher(headers.firstValue("X-Linked-ETag").orElse(""));
        return matcher.matches() ? matcher.group(1) : null;
    }

    private static Optional<String> strongTag(HttpHeaders headers) {
        return headers.firstValue("ETag").filter(tag -> tag.startsWith("\"") && tag.endsWith("\"") && tag.length() > 2);
    }

    private static Duration retryAfter(HttpHeaders headers) {
        return headers.firstValue("Retry-After")
                .filter(value -> value.matches("\\d{1,6}"))
                .map(value -> Duration.ofSeconds(Long.parseLong(value)))
                .orElse(Duration.ZERO);
    }

    /** Length of a whole body; -1 where chunks mark its end. */
    private static long length(URI address, HttpHeaders headers) throws IOException {
        if (headers.firstValue("Content-Type")
                .filter(type -> type.startsWith("text/html"))
                .isPresent()) {
            throw new IOException(
                    address + " answers with a web page in place of the file: is there a login before the hub?");
        }
        if (headers.firstValue("Content-Encoding")
                .filter(coding -> !coding.equals("identity"))
                .isPresent()) {
            throw new IOException(address + " answers with the unsupported Content-Encoding "
                    + headers.firstValue("Content-Encoding").get());
        }
        var length = headers.firstValueAsLong("Content-Length");
        if (length.isEmpty() && headers.firstValue("Transfer-Encoding").isEmpty()) {
            throw new IOException(address + ": the server does not say how long the file is");
        }
        return length.orElse(-1);
    }

    private static long rangeTotal(Part part, HttpHeaders headers, long have) throws IOException {
        var range = headers.firstValue("Content-Range").orElse("");
        var matcher = CONTENT_RANGE.matcher(range);
        boolean sameFile = strongTag(headers).equals(part.tag());
        if (!sameFile || !matcher.matches() || Long.parseLong(matcher.group(1)) != have) {
            part.discard();
            throw new Transient(
                    "asked for the bytes from " + have + " on, the server sends "
                            + (sameFile ? "'" + range + "'" : "those of another file"),
                    Duration.ZERO);
        }
        return Long.parseLong(matcher.group(3));
    }

    private void copy(URI address, BodyBlocks body, Part part, long total, Expected expected, long from)
            throws IOException, InterruptedException {
        if (expected.bytes() != null && total >= 0 && total != expected.bytes()) {
            part.discard();
            throw new IOException(
                    address + " has " + total + " bytes, expected " + expected.bytes() + ": another file than it was");
        }
        long limit = total >= 0 ? total : expected.bytes() != null ? expected.bytes() : Long.MAX_VALUE;
        long bytes = from;
        try (var progress = Progress.start("download of " + address, total >= 0 ? total : 0, "bytes");
                var out = FileChannel.open(part.file(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            out.position(from);
            progress.advance(from);
            for (var block = next(body); block.isPresent(); block = next(body)) {
                for (var buffer : block.get()) {
                    int count = buffer.remaining();
                    bytes += count;
                    if (bytes > limit) {
                        break;
                    }
                    while (buffer.hasRemaining()) {
                        out.write(buffer);
                    }
                    progress.advance(count);
                }
            }
            out.force(true);
        }
        if (bytes > limit) {
            part.discard();
            throw new IOException(address + " sends more than the expected " + limit + " bytes");
        }
        if (total >= 0 && bytes < total) {
            throw new Transient("the connection ended after " + bytes + " of " + total + " bytes", Duration.ZERO);
        }
        if (expected.bytes() != null && bytes != expected.bytes()) {
            part.discard();
            throw new IOException(address + " has " + bytes + " bytes, expected " + expected.bytes());
        }
    }

    private Optional<List<ByteBuffer>> next(BodyBlocks body) throws Transient, InterruptedException {
        try {
            return body.next(pace.stall());
        } catch (IOException e) {
            throw new Transient("the connection broke" + detail(e), Duration.ZERO);
        }
    }

    /** The unfinished file beside its target, and the entity tag that its bytes belong to. */
    private record Part(Path target) {

        Path file() {
            return target.resolveSibling(target.getFileName() + ".part");
        }

        private Path tagFile() {
            return target.resolveSibling(target.getFileName() + ".part.etag");
        }

        long bytes() throws IOException {
            return Files.exists(file()) ? Files.size(file()) : 0;
        }

        Optional<String> tag() throws IOException {
            return Files.exists(tagFile()) ? Optional.of(Files.readString(tagFile())) : Optional.empty();
        }

        /** The tag is there only while every byte of the part belongs to it, so that a crash between the steps is harmless. */
        void restart(Optional<String> tag) throws IOException {
            discard();
            Files.createFile(file());
            if (tag.isPresent()) {
                Files.writeString(tagFile(), tag.get());
            }
        }

        void discard() throws IOException {
            Files.deleteIfExists(tagFile());
            Files.deleteIfExists(file());
        }

        void moveTo(Path to) throws IOException {
            Files.deleteIfExists(tagFile());
            Files.move(file(), to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
