package org.whylm.lm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.whylm.lm.ModelCatalog.Model;
import org.whylm.lm.ModelCatalog.ModelFile;
import org.whylm.run.Progress;
import org.whylm.run.Sha256;
import org.whylm.run.Workspace;

/**
 * Fetching from a hub that is slow, cuts connections, serves wrong bytes, answers 404 or 416, redirects into the clear or ignores
 * ranges: each ends in a clear error with an unharmed cache, or in a complete, verified file.
 */
class ModelCatalogTest {

    private static final HubDownload.Pace IMPATIENT =
            new HubDownload.Pace(Duration.ofSeconds(10), Duration.ofMillis(400), Duration.ofMillis(1), 4);
    private static final byte[] BYTES = new byte[300_000];
    private static final String TAG = "\"v1\"";
    private static final String WEIGHTS = "/org/tiny/resolve/main/model.safetensors";

    static {
        new Random(1).nextBytes(BYTES);
    }

    @TempDir
    Path cache;

    private FakeHub hub;

    @BeforeEach
    void start() throws IOException {
        hub = new FakeHub();
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private ModelCatalog catalog(ModelFile... files) {
        var model = new Model("tiny", "A tiny model", "org/tiny", "main", null, null, "models/tiny", List.of(files));
        return new ModelCatalog(
                Map.of("tiny", model), HubAddress.of(hub.address()), cache, cache.resolve("packages"), IMPATIENT);
    }

    private ModelCatalog weightsOfUnknownHash() {
        return catalog(ModelFile.named("model.safetensors"));
    }

    private ModelCatalog weightsOfKnownHash() {
        return catalog(new ModelFile("model.safetensors", (long) BYTES.length, Sha256.of(BYTES)));
    }

    private Path directory() {
        return cache.resolve("models/org/tiny");
    }

    private Set<String> cached() throws IOException {
        if (!Files.exists(directory())) {
            return Set.of();
        }
        try (var files = Files.list(directory())) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    private void isComplete(ModelCatalog.Fetched fetched) throws IOException {
        assertArrayEquals(BYTES, Files.readAllBytes(fetched.path().resolve("model.safetensors")));
        assertEquals(
                List.of(new ModelFile("model.safetensors", (long) BYTES.length, Sha256.of(BYTES))), fetched.files());
        assertEquals(Set.of("model.safetensors"), cached(), "nothing else is left over");
    }

    private ModelFetchException fails(ModelCatalog catalog, String... named) throws IOException {
        var failure = assertThrows(ModelFetchException.class, () -> catalog.fetch("tiny"));
        for (var part : named) {
            assertTrue(failure.getMessage().contains(part), failure.getMessage());
        }
        assertTrue(failure.getMessage().contains(directory().toString()), failure.getMessage());
        assertFalse(cached().contains("model.safetensors"), "no file that is not verified");
        return failure;
    }

    @Test
    void filesAreFetchedRecordedAndNotAskedForAgain() throws IOException {
        hub.file(WEIGHTS, FakeHub.whole(BYTES, TAG));
        var fetched = weightsOfUnknownHash().fetch("tiny");

        isComplete(fetched);
        assertEquals(directory(), fetched.path());
        assertEquals(Set.of("model.safetensors"), fetched.firstUse());
        assertEquals(
                List.of(Sha256.of(BYTES) + "       300000  model.safetensors  (trusted on first use)"),
                fetched.lines());
        assertTrue(Files.readString(fetched.lock()).contains(Sha256.of(BYTES)));

        var again = weightsOfUnknownHash().fetch("tiny");
        isComplete(again);
        assertEquals(Set.of(), again.firstUse());
        assertEquals(1, hub.requests().size());
        assertEquals(directory(), weightsOfUnknownHash().locate("tiny"));
    }

    @Test
    void aCutConnectionIsContinuedWhereItBroke() throws IOException {
        hub.file(WEIGHTS, FakeHub.cutAfter(70_000, BYTES, TAG));
        isComplete(weightsOfUnknownHash().fetch("tiny"));

        var starts = hub.requests().stream().map(FakeHub.Request::range).toList();
        assertEquals(Arrays.asList(null, "bytes=70000-", "bytes=140000-", "bytes=210000-", "bytes=280000-"), starts);
        assertTrue(hub.requests().stream().skip(1).allMatch(request -> request.ifRange()
                .equals(TAG)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "W/\"weak\""})
    void withoutAStrongTagACutFileIsFetchedFromItsStart(String tag) throws IOException {
        var sent = tag.isEmpty() ? null : tag;
        hub.file(WEIGHTS, FakeHub.inTurn(FakeHub.cutAfter(70_000, BYTES, sent), FakeHub.whole(BYTES, sent)));
        isComplete(weightsOfUnknownHash().fetch("tiny"));
        assertTrue(hub.requests().stream().allMatch(request -> request.range() == null));
    }

    @Test
    void aServerThatIgnoresRangesIsReadFromTheStart() throws IOException {
        hub.file(WEIGHTS, FakeHub.inTurn(FakeHub.cutAfter(70_000, BYTES, TAG), exchange -> {
            FakeHub.begin(exchange, BYTES, TAG, 0);
            exchange.getResponseBody().write(BYTES);
        }));
        isComplete(weightsOfUnknownHash().fetch("tiny"));
    }

    @Test
    void aFileThatChangedMeanwhileIsFetchedWhole() throws IOException {
        var old = new byte[BYTES.length];
        hub.file(WEIGHTS, FakeHub.inTurn(FakeHub.cutAfter(70_000, old, "\"v0\""), FakeHub.whole(BYTES, TAG)));
        isComplete(weightsOfUnknownHash().fetch("tiny"));
    }

    @Test
    void aRangeOfAnotherFileIsThrownAway() throws IOException {
        var old = new byte[BYTES.length];
        hub.file(
                WEIGHTS,
                FakeHub.inTurn(
                        FakeHub.cutAfter(70_000, old, "\"v0\""),
                        exchange -> {
                            FakeHub.begin(exchange, BYTES, TAG, 70_000);
                            exchange.getResponseBody().write(BYTES, 70_000, BYTES.length - 70_000);
                        },
                        FakeHub.whole(BYTES, TAG)));
        isComplete(weightsOfUnknownHash().fetch("tiny"));
    }

    @Test
    void aRangeThatStartsElsewhereIsThrownAway() throws IOException {
        hub.file(
                WEIGHTS,
                FakeHub.inTurn(
                        FakeHub.cutAfter(70_000, BYTES, TAG),
                        exchange -> {
                            FakeHub.begin(exchange, BYTES, TAG, 69_999);
                            exchange.getResponseBody().write(BYTES, 69_999, BYTES.length - 69_999);
                        },
                        FakeHub.whole(BYTES, TAG)));
        isComplete(weightsOfUnknownHash().fetch("tiny"));
    }

    @Test
    void aRangeThatTheServerDoesNotHaveIsStartedAnew() throws IOException {
        hub.file(
                WEIGHTS,
                FakeHub.inTurn(
                        FakeHub.cutAfter(70_000, BYTES, TAG),
                        FakeHub.status(416, "Content-Range", "bytes */10"),
                        FakeHub.whole(BYTES, TAG)));
        isComplete(weightsOfUnknownHash().fetch("tiny"));
    }

    @Test
    void aServerThatAlwaysAnswers416IsGivenUp() throws IOException {
        hub.file(WEIGHTS, FakeHub.status(416));
        fails(weightsOfKnownHash(), "416");
        assertEquals(IMPATIENT.attempts(), hub.requests().size());
    }

    @Test
    void aWholePartThatWasNotMovedIsVerifiedAndMoved() throws IOException {
        Files.createDirectories(directory());
        Files.write(directory().resolve("model.safetensors.part"), BYTES);
        Files.writeString(directory().resolve("model.safetensors.part.etag"), TAG);
        hub.file(WEIGHTS, FakeHub.status(416, "Content-Range", "bytes */" + BYTES.length));
        isComplete(weightsOfKnownHash().fetch("tiny"));
    }

    @Test
    void aDamagedPartOfAnEarlierRunIsFetchedAgain() throws IOException {
        Files.createDirectories(directory());
        Files.write(directory().resolve("model.safetensors.part"), new byte[1000]);
        Files.writeString(directory().resolve("model.safetensors.part.etag"), TAG);
        hub.file(WEIGHTS, FakeHub.whole(BYTES, TAG));
        isComplete(weightsOfKnownHash().fetch("tiny"));
        assertEquals("bytes=1000-", hub.requests().get(0).range());
    }

    @Test
    void wrongBytesAreRefused() throws IOException {
        var wrong = BYTES.clone();
        wrong[123_456] ^= 1;
        hub.file(WEIGHTS, FakeHub.whole(wrong, TAG));
        fails(weightsOfKnownHash(), Sha256.of(wrong), Sha256.of(BYTES));
        assertEquals(Set.of(), cached());
    }

    @Test
    void bytesOtherThanTheHubAnnouncesAreRefused() throws IOException {
        hub.file(WEIGHTS, exchange -> {
            exchange.getResponseHeaders().set("X-Linked-ETag", "\"" + Sha256.of("another file") + "\"");
            FakeHub.whole(BYTES, TAG).answer(exchange);
        });
        fails(weightsOfUnknownHash(), Sha256.of("another file"), Sha256.of(BYTES));
    }

    @Test
    void aFileOfAnotherSizeIsRefusedBeforeItIsRead() throws IOException {
        hub.file(WEIGHTS, FakeHub.whole(Arrays.copyOf(BYTES, BYTES.length - 1), TAG));
        fails(weightsOfKnownHash(), "299999 bytes, expected 300000");
    }

    @Test
    void aBodyLongerThanTheFileIsCutOff() throws IOException {
        hub.file(WEIGHTS, exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(BYTES);
            exchange.getResponseBody().write(BYTES);
        });
        fails(weightsOfKnownHash(), "more than the expected 300000 bytes");
    }

    @Test
    void aBodyInChunksIsRead() throws IOException {
        hub.file(WEIGHTS, exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(BYTES);
        });
        isComplete(weightsOfUnknownHash().fetch("tiny"));
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        fails(weightsOfUnknownHash(), hub.address() + WEIGHTS, "404", "place model.safetensors");
        assertEquals(1, hub.requests().size(), "asked once");
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void aRefusedRepositoryIsNamed(int status) throws IOException {
        hub.file(WEIGHTS, FakeHub.status(status));
        fails(weightsOfUnknownHash(), hub.address() + WEIGHTS, Integer.toString(status));
        assertEquals(1, hub.requests().size(), "asked once");
    }

    @Test
    void aBusyServerIsAskedAgain() throws IOException {
        hub.file(
                WEIGHTS,
                FakeHub.inTurn(
                        FakeHub.status(503, "Retry-After", "0"), FakeHub.status(429), FakeHub.whole(BYTES, TAG)));
        isComplete(weightsOfUnknownHash().fetch("tiny"));
    }

    @Test
    void aServerThatFailsForGoodIsGivenUp() throws IOException {
        hub.file(WEIGHTS, FakeHub.status(500));
        fails(weightsOfUnknownHash(), "500", "4 attempts");
        assertEquals(IMPATIENT.attempts(), hub.requests().size());
    }

    @Test
    void aWebPageInPlaceOfTheFileIsRefused() throws IOException {
        hub.file(WEIGHTS, exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
            FakeHub.whole("<html>Log in".getBytes(UTF_8), TAG).answer(exchange);
        });
        fails(weightsOfUnknownHash(), "web page");
    }

    @Test
    void aSlowServerIsWaitedFor() throws IOException {
        hub.file(WEIGHTS, exchange -> {
            FakeHub.begin(exchange, BYTES, TAG, 0);
            for (int from = 0; from < BYTES.length; from += 60_000) {
                exchange.getResponseBody().write(BYTES, from, Math.min(60_000, BYTES.length - from));
                exchange.getResponseBody().flush();
                Thread.sleep(150);
            }
        });
        isComplete(weightsOfUnknownHash().fetch("tiny"));
        assertEquals(1, hub.requests().size());
    }

    @Test
    void aServerThatFallsSilentIsGivenUp() throws IOException {
        hub.file(WEIGHTS, exchange -> {
            FakeHub.begin(exchange, BYTES, TAG, 0);
            exchange.getResponseBody().write(BYTES, 0, 10);
            exchange.getResponseBody().flush();
            Thread.sleep(TimeUnit.SECONDS.toMillis(20));
        });
        fails(weightsOfUnknownHash(), "no byte came for 0.4 seconds");
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void aRedirectIsFollowed(int status) throws IOException {
        hub.file(WEIGHTS, FakeHub.status(status, "Location", "/elsewhere?signature=a%2Fb"));
        hub.file("/elsewhere", FakeHub.cutAfter(200_000, BYTES, TAG));
        isComplete(weightsOfUnknownHash().fetch("tiny"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://example.org/file",
                "http://localhost.example.org/file",
                "http://127.0.0.1.example.org/file",
                "http://user@127.0.0.1/file",
                "ftp://127.0.0.1/file",
                "file:///etc/hostname"
            })
    void aRedirectOutOfEncryptionIsRefused(String location) throws IOException {
        hub.file(WEIGHTS, FakeHub.status(302, "Location", location));
        fails(weightsOfUnknownHash(), "'" + location + "'");
        assertEquals(1, hub.requests().size());
    }

    @Test
    void encryptedTrafficIsNotRedirectedToPlainLoopback() {
        var failure = assertThrows(
                IOException.class,
                () -> HubAddress.redirect(java.net.URI.create("https://example.org/a"), "http://127.0.0.1/b"));
        assertTrue(failure.getMessage().contains("plain HTTP"), failure.getMessage());
    }

    @Test
    void aCircleOfRedirectsEnds() throws IOException {
        hub.file(WEIGHTS, FakeHub.status(302, "Location", WEIGHTS));
        fails(weightsOfUnknownHash(), "redirected more than 5 times");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://example.org",
                "http://localhost.example.org",
                "example.org",
                "ftp://localhost",
                "https://name:word@example.org",
                "https://example.org/?a=b",
                "https://"
            })
    void anUnsafeHubIsRefused(String address) {
        var failure = assertThrows(IllegalArgumentException.class, () -> HubAddress.of(address));
        assertTrue(failure.getMessage().contains("WHYLM_HUB"), failure.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"https://example.org/mirror/", "http://localhost:8080", "http://[::1]:1", "http://127.1.2.3"})
    void aSafeHubIsTaken(String address) {
        assertEquals(
                address.replaceAll("/$", "") + "/org/name/resolve/main/config.json",
                HubAddress.of(address).file("org/name", "main", "config.json").toString());
    }

    @Test
    void withoutAHubTheDirectoryIsNamed() throws IOException {
        hub.close();
        fails(weightsOfUnknownHash(), "no answer from 127.0.0.1", "place model.safetensors of " + hub.address());
    }

    @Test
    void aFileThatChangedSinceItsFirstUseIsRefused() throws IOException {
        hub.file(WEIGHTS, FakeHub.whole(BYTES, TAG));
        var fetched = weightsOfUnknownHash().fetch("tiny");
        Files.delete(fetched.path().resolve("model.safetensors"));

        var other = BYTES.clone();
        other[0]++;
        hub.file(WEIGHTS, FakeHub.whole(other, "\"v2\""));
        fails(weightsOfUnknownHash(), Sha256.of(BYTES), Sha256.of(other));
    }

    @Test
    void aDamagedFileOfTheCacheIsReported() throws IOException {
        hub.file(WEIGHTS, FakeHub.whole(BYTES, TAG));
        var fetched = weightsOfUnknownHash().fetch("tiny");
        Files.write(fetched.path().resolve("model.safetensors"), new byte[] {1});
        var failure = assertThrows(
                ModelFetchException.class, () -> weightsOfUnknownHash().fetch("tiny"));
        assertTrue(failure.getMessage().contains(fetched.lock().toString()), failure.getMessage());
    }

    @Test
    void filesPlacedByHandAreTaken() throws IOException {
        Files.createDirectories(directory());
        Files.write(directory().resolve("model.safetensors"), BYTES);
        assertEquals(directory(), weightsOfUnknownHash().locate("tiny"));
        var fetched = weightsOfUnknownHash().fetch("tiny");
        isComplete(fetched);
        assertEquals(Set.of("model.safetensors"), fetched.firstUse());
        assertEquals(0, hub.requests().size());
    }

    @Test
    void whatIsMissingIsNamedWithItsDirectory() {
        var failure = assertThrows(
                IllegalArgumentException.class, () -> weightsOfUnknownHash().locate("tiny"));
        assertTrue(failure.getMessage().contains("fetch tiny"), failure.getMessage());
        assertTrue(failure.getMessage().contains("place model.safetensors"), failure.getMessage());
        assertTrue(failure.getMessage().contains(directory().toString()), failure.getMessage());
        assertEquals(0, hub.requests().size());
    }

    @Test
    void aModelThatAPackageCarriesIsFoundWhereFetchPutsIt() throws IOException {
        var packaged = cache.resolve("packages/models/tiny");
        Files.createDirectories(packaged.getParent());
        Files.write(packaged, BYTES);
        assertEquals(packaged, weightsOfUnknownHash().locate("tiny"));
    }

    @Test
    void anInterruptKeepsWhatArrived() throws Exception {
        var begun = new CountDownLatch(1);
        hub.file(
                WEIGHTS,
                FakeHub.inTurn(
                        exchange -> {
                            FakeHub.begin(exchange, BYTES, TAG, 0);
                            exchange.getResponseBody().write(BYTES, 0, 100_000);
                            exchange.getResponseBody().flush();
                            begun.countDown();
                            Thread.sleep(TimeUnit.SECONDS.toMillis(20));
                        },
                        FakeHub.whole(BYTES, TAG)));
        var patient = new HubDownload.Pace(
                Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofMillis(1), IMPATIENT.attempts());
        var address = HubAddress.of(hub.address()).file("org/tiny", "main", "model.safetensors");
        var target = directory().resolve("model.safetensors");
        var failure = new AtomicReference<Throwable>();
        var fetching = new Thread(() -> {
            try {
                new HubDownload(patient).fetch(address, target, new HubDownload.Expected(null, null));
            } catch (Throwable e) {
                failure.set(e);
            }
        });
        fetching.start();
        assertTrue(begun.await(10, TimeUnit.SECONDS));
        var part = directory().resolve("model.safetensors.part");
        while (!Files.exists(part) || Files.size(part) < 100_000) {
            Thread.sleep(5);
        }
        fetching.interrupt();
        fetching.join(TimeUnit.SECONDS.toMillis(10));
        assertTrue(failure.get() instanceof Progress.Interrupted, () -> "" + failure.get());

        isComplete(weightsOfUnknownHash().fetch("tiny"));
        assertEquals("bytes=100000-", hub.requests().get(1).range());
    }

    @Test
    void threadsThatFetchTheSameModelDownloadItOnce() throws Exception {
        hub.file(WEIGHTS, FakeHub.whole(BYTES, TAG));
        var fetches = Arrays.asList(new CompletableFuture<?>[6]);
        fetches.replaceAll(any ->
                CompletableFuture.supplyAsync(() -> weightsOfUnknownHash().fetch("tiny")));
        for (var fetch : fetches) {
            isComplete((ModelCatalog.Fetched) fetch.get(20, TimeUnit.SECONDS));
        }
        assertEquals(1, hub.requests().size());
    }

    /** Another process for {@link #processesThatFetchTheSameModelDownloadItOnce}. */
    public static void main(String[] arguments) {
        var model = new Model(
                "tiny", "", "org/tiny", "main", null, null, null, List.of(ModelFile.named("model.safetensors")));
        var cache = Path.of(arguments[1]);
        new ModelCatalog(Map.of("tiny", model), HubAddress.of(arguments[0]), cache, cache, HubDownload.Pace.STANDARD)
                .fetch("tiny");
    }

    @Test
    void processesThatFetchTheSameModelDownloadItOnce() throws Exception {
        var asked = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        hub.file(WEIGHTS, exchange -> {
            asked.countDown();
            goOn.await();
            FakeHub.whole(BYTES, TAG).answer(exchange);
        });
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var other = new ProcessBuilder(
                        java,
                        "-cp",
                        System.getProperty("java.class.path"),
                        ModelCatalogTest.class.getName(),
                        hub.address(),
                        cache.toString())
                .redirectErrorStream(true)
                .redirectOutput(cache.resolve("other.log").toFile())
                .start();
        try {
            assertTrue(asked.await(30, TimeUnit.SECONDS), () -> "the other process: " + other);
            var here =
                    CompletableFuture.supplyAsync(() -> weightsOfUnknownHash().fetch("tiny"));
            assertThrows(
                    java.util.concurrent.TimeoutException.class,
                    () -> here.get(300, TimeUnit.MILLISECONDS),
                    "waits while the other process has it");
            goOn.countDown();
            isComplete(here.get(20, TimeUnit.SECONDS));
            assertEquals(0, other.waitFor(), () -> "see " + cache.resolve("other.log"));
            assertEquals(1, hub.requests().size());
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void anyRepositoryOfTheHubLoadsByItsName() throws IOException {
        var fixture = Path.of("src/test/resources/fixtures/tiny-llama-untied-bf16-sharded");
        var commit = "0123456789abcdef0123456789abcdef01234567";
        try (var files = Files.list(fixture)) {
            for (var file : files.toList()) {
                var bytes = Files.readAllBytes(file);
                var name = file.getFileName().toString();
                hub.file("/some/llama/resolve/" + commit + "/" + name, FakeHub.whole(bytes, TAG));
                hub.file("/some/llama/resolve/v1/" + name, exchange -> {
                    exchange.getResponseHeaders().set("X-Repo-Commit", commit);
                    FakeHub.whole(bytes, TAG).answer(exchange);
                });
            }
        }
        var fetched = weightsOfUnknownHash().fetch("hub:some/llama@v1");

        assertEquals(cache.resolve("models/some/llama@v1"), fetched.path());
        assertEquals(8, fetched.files().size(), "config, tokenizer, index and five shards");
        assertEquals(fetched.path(), weightsOfUnknownHash().locate("hub:some/llama@v1"));
        for (var file : fetched.files()) {
            assertEquals(Sha256.of(fixture.resolve(file.path())), file.sha256());
        }
        assertTrue(Files.readString(fetched.lock()).contains(commit));
        assertTrue(
                hub.requests().stream().skip(1).allMatch(request -> request.path()
                        .contains(commit)),
                "all files are of the commit that the first one was of");
        try (var model = LanguageModels.load(fetched.path().toString())) {
            assertEquals(model.dimension(), model.f("text").length);
        }
    }

    @Test
    void aRepositoryWithoutSafetensorsIsRefused() {
        for (var name : List.of("config.json", "tokenizer.json")) {
            hub.file("/some/old/resolve/main/" + name, FakeHub.whole("{}".getBytes(UTF_8), TAG));
        }
        var failure = assertThrows(
                ModelFetchException.class, () -> weightsOfUnknownHash().fetch("hub:some/old"));
        assertTrue(failure.getMessage().contains("neither model.safetensors nor"), failure.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../../outside.safetensors", "/outside.safetensors", "a/b.safetensors", "weights.bin"})
    void anIndexThatLeadsOutOfTheCacheIsRefused(String shard) throws IOException {
        for (var name : List.of("config.json", "tokenizer.json")) {
            hub.file("/some/bad/resolve/main/" + name, FakeHub.whole("{}".getBytes(UTF_8), TAG));
        }
        var index = "{\"weight_map\": {\"wte.weight\": \"" + shard + "\"}}";
        hub.file("/some/bad/resolve/main/model.safetensors.index.json", FakeHub.whole(index.getBytes(UTF_8), TAG));
        var failure = assertThrows(
                UnsupportedModelException.class, () -> weightsOfUnknownHash().fetch("hub:some/bad"));
        assertTrue(failure.getMessage().contains(shard), failure.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"huge", "hub:", "hub:gpt2", "hub:../x", "hub:a/..", "hub:a/b/c", "hub:a/b@../c", "hub:a b/c"})
    void anUnknownNameIsRefused(String name) {
        var failure = assertThrows(
                IllegalArgumentException.class, () -> weightsOfUnknownHash().fetch(name));
        assertTrue(failure.getMessage().contains("'" + name + "'"), failure.getMessage());
        assertTrue(failure.getMessage().contains("hub:org/name"), failure.getMessage());
    }

    @Test
    void theCatalogNamesThePapersModels() {
        var models = ModelCatalog.read(Workspace.current().datasets().resolve("models.json"));
        assertEquals(
                Set.of("smollm2", "gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl", "bert-base-cased"), models.keySet());
        for (var model : models.values()) {
            assertEquals(model, weightsOfUnknownHashWith(models).model(model.name()));
            assertTrue(model.repository().matches(ModelCache.SAFE_NAME + "/" + ModelCache.SAFE_NAME));
            for (var file : model.files()) {
                assertTrue(file.path().matches(ModelCache.SAFE_NAME), file.path());
                assertTrue(file.sha256() == null || file.sha256().matches("[0-9a-f]{64}"), file.path());
            }
        }
    }

    private ModelCatalog weightsOfUnknownHashWith(Map<String, Model> models) {
        return new ModelCatalog(models, HubAddress.of(hub.address()), cache, cache, IMPATIENT);
    }
}
