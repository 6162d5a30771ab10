package org.whylm.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A standalone cluster on the loopback interface, its master, its two workers and each driver processes of their own. */
@Disabled("The executors of this cluster do not start yet: the master removes the application")
class ClusterIT {

    private static final String PROMPT = " This movie is";
    private static final Path PROJECT =
            Path.of(System.getProperty("whylm.home")).toAbsolutePath();
    private static final Path SPARK_HOME = PROJECT.resolve("spark/target/spark-home");

    @TempDir
    private Path folder;

    private final List<Process> processes = new ArrayList<>();
    private String master;

    @BeforeEach
    void startCluster() throws Exception {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        master = "spark://127.0.0.1:" + port;
        spark(
                "master",
                "org.apache.spark.deploy.master.Master",
                "--host",
                "127.0.0.1",
                "--port",
                "" + port,
                "--webui-port",
                "0");
        await("the master", 60, () -> listens(port));
        for (int worker = 0; worker < 2; worker++) {
            spark(
                    "worker-" + worker,
                    "org.apache.spark.deploy.worker.Worker",
                    "--host",
                    "127.0.0.1",
                    "--cores",
                    "1",
                    "--memory",
                    "2g",
                    "--webui-port",
                    "0",
                    "--work-dir",
                    folder.resolve("work-" + worker).toString(),
                    master);
        }
    }

    @AfterEach
    void stopCluster() throws Exception {
        for (var process : processes) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void aWorkerKilledHalfWayAndADriverKilledLeaveTheFilesOfOneMachine() throws Exception {
        var texts = Stores.texts(3_000);
        var expected = Stores.local(folder.resolve("local"), Stores.TINY.toString(), texts, PROMPT);
        var store = folder.resolve("store");
        var csv = Stores.csv(folder.resolve("texts.csv"), texts);

        var first = driver("first", store, csv, Stores.TINY.toString());
        await("the first shard", 240, () -> committed(store) >= 1 || !first.isAlive());
        first.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
        int before = committed(store);
        assertTrue(before >= 1, log("first"));

        var second = driver("second", store, csv, Stores.TINY.toString());
        await("a further shard", 240, () -> committed(store) > before || !second.isAlive());
        var worker = processes.get(1);
        worker.descendants().forEach(ProcessHandle::destroyForcibly);
        worker.destroyForcibly();
        assertTrue(second.waitFor(300, TimeUnit.SECONDS), "the job ends");
        assertEquals(0, second.exitValue(), log("second"));
        assertEquals(expected, Stores.content(store));
        assertTrue(
                log("second")
                        .matches("(?s).*3,000 texts, 1 models: \\d+ shards computed .*, [1-9]\\d* committed before.*"),
                log("second"));
    }

    @Test
    void smolLmGivesTheBitsOfOneMachine() throws Exception {
        var model = PROJECT.resolve("datasets/downloads/models/SmolLM2-135M-Instruct.Q4_1.gguf");
        Assumptions.assumeTrue(Files.exists(model), "make fetch brings the model");
        var texts = Stores.texts(Integer.getInteger("whylm.spark.sentences", 500));
        var expected = Stores.local(folder.resolve("local"), model.toString(), texts, PROMPT);
        var store = folder.resolve("store");
        var driver = driver("smollm2", store, Stores.csv(folder.resolve("texts.csv"), texts), model.toString());
        assertTrue(driver.waitFor(600, TimeUnit.SECONDS), "the job ends");
        assertEquals(0, driver.exitValue(), log("smollm2"));
        assertEquals(expected, Stores.content(store));
    }

    private Process driver(String name, Path store, Path csv, String model) throws IOException {
        return start(
                name,
                List.of(
                        PROJECT.resolve("whylm-spark").toString(),
                        "--master",
                        master,
                        "--conf",
                        "spark.driver.host=127.0.0.1",
                        "--conf",
                        "spark.driver.bindAddress=127.0.0.1",
                        "--conf",
                        "spark.ui.enabled=false",
                        "--executor-memory",
                        "1g",
                        "extract",
                        "--model",
                        model,
                        "--data",
                        csv.toString(),
                        "--prompt",
                        PROMPT,
                        "--store",
                        store.toUri().toString()));
    }

    private void spark(String name, String type, String... arguments) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                PROJECT.resolve("spark/conf") + ":" + SPARK_HOME.resolve("jars") + "/*",
                type));
        command.addAll(List.of(arguments));
        start(name, command);
    }

    private Process start(String name, List<String> command) throws IOException {
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile());
        builder.environment().put("SPARK_HOME", SPARK_HOME.toString());
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        var process = builder.start();
        processes.add(process);
        return process;
    }

    private String log(String name) throws IOException {
        return Files.readString(folder.resolve(name + ".log"));
    }

    private static int committed(Path store) {
        try {
            return Files.isDirectory(store) ? Stores.all(store, "shard-*").size() : 0;
        } catch (IOException | java.io.UncheckedIOException e) {
            return 0; // a file of the walk was renamed meanwhile
        }
    }

    private static boolean listens(int port) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static void await(String what, int seconds, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, what + " within " + seconds + " s");
            Thread.sleep(50);
        }
    }
}
