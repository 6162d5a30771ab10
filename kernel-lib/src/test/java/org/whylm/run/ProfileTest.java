package org.whylm.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfileTest {

    record Part(String name, int size) {}

    record Whole(long seed, double rate, boolean on, List<Part> parts, Map<String, List<String>> words) {}

    @TempDir
    Path folder;

    @Test
    void theThreeProfilesOfTheDesign() {
        var quick = Profile.load("quick");
        assertEquals(List.of(600, 400), List.of(quick.trainLimit(), quick.testLimit()));
        assertEquals(Integer.MAX_VALUE, Profile.load("standard").trainLimit());
        assertEquals("smollm2", quick.model());
        assertEquals("gpt2", Profile.load("paper").model());
    }

    /** What a profile says itself is its own; the rest is that of the profile that it is like, and of the one that that is like. */
    @Test
    void aProfileIsLikeAnotherInWhatItDoesNotSay() {
        Profile quick = Profile.load("quick"), standard = Profile.load("standard"), data = Profile.load("paper-data");
        assertEquals(standard.trainLimit(), data.trainLimit());
        assertEquals(standard.settings().get("theory"), data.settings().get("theory"));
        assertEquals(quick.settings().get("fromScratch"), data.settings().get("fromScratch"));
        assertTrue(data.settings().get("completion").toString().contains("sst2"));
        assertFalse(standard.settings().get("completion").toString().contains("sst2"));
    }

    @Test
    void aProfileThatIsLikeNoneBeforeItIsAnError() throws IOException {
        Files.createDirectories(folder.resolve("notebooks"));
        Files.createDirectories(folder.resolve("datasets"));
        Files.writeString(folder.resolve("datasets/catalog.json"), "{}");
        Files.writeString(
                folder.resolve("notebooks/profiles.json"), "[{\"name\": \"a\", \"like\": \"b\"}, {\"name\": \"b\"}]");
        var home = System.setProperty("whylm.home", folder.toString());
        try {
            var error = assertThrows(IllegalArgumentException.class, () -> Profile.load("a"));
            assertTrue(
                    error.getMessage().contains("the profile \"a\" is like \"b\", which no profile before it is"),
                    error.getMessage());
        } finally {
            System.setProperty("whylm.home", home);
        }
    }

    @Test
    void aProfileWithAnotherModelIsThatProfileButForItsNameAndModel() {
        var other = Profile.load("quick@gemma-3-270m");
        assertEquals("quick@gemma-3-270m", other.name());
        assertEquals("gemma-3-270m", other.model());
        assertEquals(Profile.load("quick").settings(), other.settings());
        for (var name : List.of("quick@", "quick@../x", "quick@a/b", "fast@smollm2")) {
            assertThrows(IllegalArgumentException.class, () -> Profile.load(name), name);
        }
    }

    /** A notebook that runs on one profile finds its settings on the others. */
    @Test
    void allProfilesHaveTheSameKeys() {
        var quick = keys(Profile.load("quick").settings());
        Profile.names()
                .forEach(name -> assertEquals(quick, keys(Profile.load(name).settings()), name));
        assertEquals(
                new Part("a", 2), profile("{'part': {'name': 'a', 'size': 2}}").settings(Part.class));
        var error = assertThrows(
                IllegalArgumentException.class, () -> profile("{'other': 1}").settings(Part.class));
        assertTrue(error.getMessage().contains("has no settings part for Part; it has other"), error.getMessage());
    }

    private static Profile profile(String settings) {
        return new Profile(
                "p", "m", 1, 1, 1, 0, JsonParser.parseString(settings).getAsJsonObject());
    }

    private static Set<String> keys(JsonElement element) {
        var keys = new TreeSet<String>();
        if (element instanceof JsonObject object) {
            object.asMap().forEach((key, value) -> {
                keys.add(key);
                keys(value).forEach(inner -> keys.add(key + "." + inner));
            });
        } else if (element instanceof JsonArray array) {
            array.forEach(item -> keys.addAll(keys(item)));
        }
        return keys;
    }

    @Test
    void anUnknownProfileIsNamedWithThoseThereAre() {
        var error = assertThrows(IllegalArgumentException.class, () -> Profile.load("fast"));
        assertTrue(error.getMessage().contains("no profile fast"), error.getMessage());
        assertTrue(error.getMessage().contains("quick, standard, paper, cross-model, paper-data"), error.getMessage());
    }

    @Test
    void everyKindOfComponentReads() throws IOException {
        var whole = RecordJson.read(
                file("{'seed':7,'rate':0.5,'on':true,'parts':[{'name':'a','size':'all'}],'words':{'x':['y']}}"),
                Whole.class);
        assertEquals(
                new Whole(7, 0.5, true, List.of(new Part("a", Integer.MAX_VALUE)), Map.of("x", List.of("y"))), whole);
        var copy = folder.resolve("deep/copy.json");
        RecordJson.write(copy, whole);
        assertEquals(whole, RecordJson.read(copy, Whole.class));
    }

    @Test
    void aWrongKeyOrValueIsNamedWithItsPlace() throws IOException {
        assertError("[{'name':'a','size':1,'sise':2}]", "item 1: unknown key sise; the keys are name, size");
        assertError("[{'name':'a','size':1},{'name':'b'}]", "item 2: the key size is missing");
        assertError("[{'name':'a','size':1.5}]", "item 1: size: expected a whole number or \"all\", found 1.5");
        assertError("[{'name':'a','size':3000000000}]", "size: expected a whole number");
        assertError("[{'name':'a','size':'some'}]", "size: expected a whole number");
        assertError("[{'name':null,'size':1}]", "name: expected a string, found null");
        assertError("{'name':'a'}", "expected a list, found {\"name\":\"a\"}");
        assertError("[", "is not JSON");
    }

    @Test
    void aMissingFileIsNamed() {
        var error = assertThrows(
                UncheckedIOException.class, () -> RecordJson.readList(folder.resolve("none.json"), Part.class));
        assertTrue(error.getMessage().contains("none.json"), error.getMessage());
    }

    private void assertError(String json, String message) throws IOException {
        var file = file(json);
        var error = assertThrows(IllegalArgumentException.class, () -> RecordJson.readList(file, Part.class));
        assertTrue(error.getMessage().contains(message), error.getMessage());
        assertTrue(error.getMessage().contains(file.toString()), error.getMessage());
    }

    private Path file(String json) throws IOException {
        return Files.writeString(folder.resolve("settings.json"), json.replace('\'', '"'));
    }
}
