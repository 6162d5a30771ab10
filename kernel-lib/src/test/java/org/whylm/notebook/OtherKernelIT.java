package org.whylm.notebook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/**
 * The packaged library behind the libraries of another kernel, as IJava 1.3.0 has it: class loaders ask the kernel's jars first.
 * These are {@code jupyter-jvm-basekernel} 2.3.0 with Gson 2.8.5 and what else that kernel carries, and old versions of slf4j,
 * JNA, Guava and Apache Commons, which others may. What runs there is {@link NotebookInOtherKernel}.
 */
class OtherKernelIT {

    private static final Path TARGET = Path.of("target").toAbsolutePath();

    @Test
    void notebooksRunBehindTheLibrariesOfAnotherKernel() throws Exception {
        try (var kernel =
                        new URLClassLoader(jars(TARGET.resolve("other-kernel")), ClassLoader.getPlatformClassLoader());
                var notebook = new URLClassLoader(
                        new URL[] {url(TARGET.resolve("whylm.jar")), url(TARGET.resolve("test-classes"))}, kernel)) {
            // What stands in front, and what is ours.
            assertEquals(kernel, notebook.loadClass("com.google.gson.Gson").getClassLoader());
            assertEquals(notebook, notebook.loadClass("ai.djl.engine.Engine").getClassLoader());
            assertNotEquals(
                    OtherKernelIT.class.getClassLoader(),
                    notebook.loadClass("org.whylm.lm.LanguageModels").getClassLoader());

            var thread = Thread.currentThread();
            var before = thread.getContextClassLoader();
            thread.setContextClassLoader(notebook);
            try {
                var constructor = notebook.loadClass(NotebookInOtherKernel.class.getName())
                        .getDeclaredConstructor();
                constructor.setAccessible(true);
                var seen = (Map<?, ?>) ((Callable<?>) constructor.newInstance()).call();
                assertEquals("quick", seen.get("profile"));
                assertTrue(seen.get("tasks").toString().contains("movies"));
                assertTrue(seen.get("models").toString().contains("smollm2"));
                assertEquals("48 1.0", seen.get("tiny-gpt2"));
                assertEquals("64 1.0", seen.get("tiny-llama-gguf/q8_0.gguf"));
                assertEquals("[1, 2, 3]", seen.get("rows of a table that was read"));
                for (var shown : List.of("matrix", "table", "settings")) {
                    assertTrue(
                            String.valueOf(seen.get(shown)).contains("<table>"), () -> shown + ": " + seen.get(shown));
                }
                assertTrue(String.valueOf(seen.get("chart")).contains("<svg"));
                assertTrue(Base64.getDecoder().decode(String.valueOf(seen.get("pixels"))).length > 100);
            } finally {
                thread.setContextClassLoader(before);
            }
        }
    }

    private static URL[] jars(Path folder) throws IOException {
        try (var jars = Files.list(folder)) {
            return jars.map(OtherKernelIT::url).toArray(URL[]::new);
        }
    }

    private static URL url(Path path) {
        try {
            return path.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
