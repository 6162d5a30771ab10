package org.whylm.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.whylm.lm.ModelCatalog.Model;
import org.whylm.lm.ModelCatalog.ModelFile;
import org.whylm.run.Progress;
import org.whylm.run.Sha256;

/**
 * Fetching by the hub's own client from a hub that serves wrong bytes, cuts connections, refuses, redirects or is not there: each ends
 * in an error that says so and a cache without the model, or in the model.
 */
class ModelCatalogTest {

    private static final Path TINY = Path.of("src/test/resources/fixtures/tiny-gpt2");
    private static final String WEIGHTS = "/org/tiny/resolve/main/model.safetensors";

    @TempDir
    Path cache;

    private FakeHub hub;

    @BeforeAll
    static void client() throws Exception {
        FakeHub.assumeClient();
    }

    @BeforeEach
    void start() throws IOException {
        hub = new FakeHub().revision("org/tiny", "main", TINY);
        System.setProperty("whylm.hub.endpoint", hub.address());
        System.setProperty("whylm.hub.cache", cache.toString());
    }

    @AfterEach
    void stop() {
        hub.close();
        System.clearProperty("whylm.hub.endpoint");
        System.clearProperty("whylm.hub.cache");
    }

    private ModelCatalog catalog(ModelFile... files) {
        var none = Optional.<String>empty();
        var model = new Model("A tiny model", "org/tiny", "main", none, none, none, List.of(files), new JsonObject());
        return new ModelCatalog(Map.of("tiny", model), new HubCache(cache), cache.resolve("packages"));
    }

    private void assertRefused(String name, String... expected) {
        var catalog = catalog();
        var error = assertThrows(ModelFetchException.class, () -> catalog.fetch(name));
        for (var part : expected) {
            assertTrue(error.getMessage().contains(part), error.getMessage());
        }
        assertFalse(catalog.available(name));
    }

    @Test
    void aRepositoryIsLoadedByItsNameAndFetchedOnce() throws IOException {
        try (var loaded = LanguageModels.load("hub:org/tiny");
                var given = LanguageModels.load(TINY.toString())) {
            assertEquals(given.sha256(), loaded.sha256());
            assertArrayEquals(given.f("A gorgeous movie."), loaded.f("A gorgeous movie."));
        }
        assertFalse(
                hub.requests().stream().anyMatch(request -> request.endsWith("reference.json")),
                "it is no part of a model");
        hub.close();
        LanguageModels.load("hub:org/tiny").close();
        LanguageModels.load("hub:org/tiny@" + FakeHub.commit("main")).close();
    }

    @Test
    void aRevisionIsItsOwnModel(@TempDir Path other) throws IOException {
        for (var name : List.of("config.json", "tokenizer.json", "model.safetensors")) {
            Files.copy(Path.of("src/test/resources/fixtures/tiny-llama-tied", name), other.resolve(name));
        }
        hub.revision("org/tiny", "step1", other);
        var catalog = catalog();
        assertEquals(
                Sha256.of(other.resolve("config.json")),
                Sha256.of(catalog.fetch("hub:org/tiny@step1").resolve("config.json")));
        assertFalse(catalog.available("hub:org/tiny"));
        assertEquals(
                Sha256.of(TINY.resolve("config.json")),
                Sha256.of(catalog.fetch("hub:org/tiny").resolve("config.json")));
    }

    @Test
    void oneGgufFileOfARepositoryIsNamed(@TempDir Path folder) throws IOException {
        var quantised = Path.of("src/test/resources/fixtures/tiny-llama-gguf");
        for (var name : List.of("f32.gguf", "q4_0.gguf")) {
            Files.copy(quantised.resolve(name), folder.resolve(name));
        }
        hub.revision("org/quantised", "main", folder);
        assertRefused("hub:org/quantised", "2 GGUF files", "hub:org/name/FILE.gguf", "f32.gguf, q4_0.gguf");
        try (var model = LanguageModels.load("hub:org/quantised/q4_0.gguf")) {
            assertEquals(Sha256.of(quantised.resolve("q4_0.gguf")), model.sha256());
        }
    }

    @Test
    void aFileWithAnotherHashThanAnnouncedIsRefusedAndRemoved() throws IOException {
        var bytes = Files.readAllBytes(TINY.resolve("model.safetensors"));
        bytes[bytes.length - 2] ^= 1;
        var announced = Sha256.of(TINY.resolve("model.safetensors"));
        hub.path(WEIGHTS, exchange -> FakeHub.file(exchange, FakeHub.commit("main"), bytes, announced, -1));
        assertRefused("hub:org/tiny", "model.safetensors", "the hub announced " + announced, "run this again");
        hub.path(
                WEIGHTS,
                exchange -> FakeHub.file(
                        exchange,
                        FakeHub.commit("main"),
                        Files.readAllBytes(TINY.resolve("model.safetensors")),
                        announced,
                        -1));
        LanguageModels.load("hub:org/tiny").close();
    }

    @Test
    void aFileThatEndsEarlyIsRefusedAndGoneOnWith() throws IOException {
        var bytes = Files.readAllBytes(TINY.resolve("model.safetensors"));
        hub.path(
                WEIGHTS,
                exchange -> FakeHub.file(
                        exchange,
                        FakeHub.commit("main"),
                        exchange.getRequestMethod().equals("GET") ? Arrays.copyOf(bytes, 1_000) : bytes,
                        Sha256.of(bytes),
                        -1));
        assertRefused("hub:org/tiny");
        hub.path(WEIGHTS, exchange -> FakeHub.file(exchange, FakeHub.commit("main"), bytes, Sha256.of(bytes), -1));
        LanguageModels.load("hub:org/tiny").close();
    }

    @Test
    void aRedirectOfAFileIsFollowed() throws IOException {
        var bytes = Files.readAllBytes(TINY.resolve("model.safetensors"));
        hub.path(WEIGHTS, exchange -> {
            exchange.getResponseHeaders().set("X-Repo-Commit", FakeHub.commit("main"));
            exchange.getResponseHeaders().set("X-Linked-ETag", "\"" + Sha256.of(bytes) + "\"");
            exchange.getResponseHeaders().set("X-Linked-Size", String.valueOf(bytes.length));
            exchange.getResponseHeaders().set("Location", hub.address() + "/cdn/weights");
            exchange.sendResponseHeaders(302, -1);
        });
        hub.path(
                "/cdn/weights",
                exchange -> FakeHub.file(exchange, FakeHub.commit("main"), bytes, Sha256.of(bytes), -1));
        LanguageModels.load("hub:org/tiny").close();
        assertTrue(hub.requests().contains("GET /cdn/weights"));
    }

    @Test
    void whatIsNotThereOrRefusedIsSaid() {
        assertRefused("hub:org/none", "org/none at " + hub.address(), "no revision main");
        assertRefused("hub:org/tiny@step7", "no revision step7");
        hub.path("/api/models/org/secret/revision/main", exchange -> exchange.sendResponseHeaders(401, -1));
        assertRefused("hub:org/secret", "is refused (401)", "HF_TOKEN");
        hub.path("/api/models/org/broken/revision/main", exchange -> exchange.sendResponseHeaders(500, -1));
        assertRefused("hub:org/broken", "answers 500");
        hub.path(WEIGHTS, exchange -> FakeHub.missing(exchange, "EntryNotFound"));
        assertRefused("hub:org/tiny", "not there (404)", "model.safetensors");
    }

    @Test
    void aHubThatIsNotReachedIsSaidWithAWayOut() {
        hub.close();
        assertRefused(
                "hub:org/tiny",
                hub.address(),
                "could not be fetched",
                "place a copy of models--org--tiny",
                cache.toString());
    }

    @Test
    void weightsInOtherFormatsAreNotRead(@TempDir Path folder) throws IOException {
        Files.copy(TINY.resolve("config.json"), folder.resolve("config.json"));
        Files.writeString(folder.resolve("pytorch_model.bin"), "a pickle");
        hub.revision("org/pickled", "main", folder);
        assertRefused("hub:org/pickled", "neither model.safetensors nor its index", "pickles");
        assertFalse(hub.requests().stream().anyMatch(request -> request.contains("pytorch_model")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../escaped.safetensors", "/tmp/escaped.safetensors", "weights.py", "weights.bin"})
    void anIndexThatNamesAnythingElseIsRefused(String shard, @TempDir Path folder) throws IOException {
        Files.copy(TINY.resolve("config.json"), folder.resolve("config.json"));
        Files.writeString(
                folder.resolve("model.safetensors.index.json"), "{\"weight_map\": {\"a\": \"" + shard + "\"}}");
        hub.revision("org/split", "main", folder);
        assertRefused("hub:org/split", shard);
        assertFalse(hub.requests().stream().anyMatch(request -> request.contains("resolve/main/" + shard)));
    }

    @Test
    void theCatalogsHashIsRequiredOfWhatIsLoaded() throws IOException {
        var path = catalog().fetch("hub:org/tiny");
        var weights = Sha256.of(path.resolve("model.safetensors"));
        var known = catalog(
                        ModelFile.of("config.json"),
                        new ModelFile("model.safetensors", Optional.empty(), Optional.of("0".repeat(64))))
                .hashes(path.toAbsolutePath().normalize());
        assertEquals(
                "0".repeat(64), known.get(path.resolve("model.safetensors")), "the catalog's goes before the hub's");
        assertEquals(weights, catalog().hashes(path).get(path.resolve("model.safetensors")));
    }

    @Test
    void anInterruptEndsAFetch() {
        hub.path(WEIGHTS, exchange -> {
            try {
                Thread.sleep(60_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Thread.currentThread().interrupt();
        assertThrows(Progress.Interrupted.class, () -> catalog().fetch("hub:org/tiny"));
        Thread.interrupted();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gpt3",
                "hub:gpt2",
                "hub:../x",
                "hub:a/..",
                "hub:a/b/c",
                "hub:a/b@",
                "hub:a/b@x/y",
                "hub:a/b/../c.gguf"
            })
    void anUnknownNameIsRefused(String name) {
        var catalog = catalog();
        var error = assertThrows(IllegalArgumentException.class, () -> catalog.model(name));
        assertTrue(error.getMessage().contains("give one of tiny"), error.getMessage());
    }

    @Test
    void theCatalogNamesThePapersModels() {
        var catalog = ModelCatalog.load();
        assertTrue(catalog.names().containsAll(List.of("smollm2", "gemma-3-270m", "gpt2", "bert-base-cased")));
        assertEquals("openai-community/gpt2", catalog.model("gpt2").repository());
        var error = assertThrows(IllegalArgumentException.class, () -> catalog.locate("gpt2"));
        assertTrue(error.getMessage().contains("./whylm fetch gpt2"), error.getMessage());
    }
}
