package org.whylm.lm;

import com.google.gson.stream.JsonWriter;
import java.io.BufferedWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * A BPE model as it stands in a {@code tokenizer.json}, written as it comes: of a vocabulary of 262,144 a tree of JSON takes two seconds,
 * its text a tenth of that.
 */
final class BpeJson {

    /** Two tokens that are joined. */
    record Merge(String left, String right) {

        /** Whether a token can stand in a line with another, a space between. */
        static boolean fitsLine(String token) {
            return token.indexOf(' ') < 0 && !token.startsWith("#version");
        }
    }

    private interface Step {
        void write(JsonWriter json) throws IOException;
    }

    private static final int BUFFER = 1 << 16;

    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private final JsonWriter json =
            new JsonWriter(new BufferedWriter(new OutputStreamWriter(text, StandardCharsets.UTF_8), BUFFER));

    BpeJson() {
        write(to -> to.beginObject().name("type").value("BPE"));
    }

    private BpeJson write(Step step) {
        try {
            step.write(json);
            return this;
        } catch (IOException e) {
            throw new AssertionError("An array cannot fail to be written", e);
        }
    }

    BpeJson flag(String name, boolean value) {
        return write(to -> to.name(name).value(value));
    }

    /** @param token null if there is none */
    BpeJson unknown(String token) {
        return write(to -> to.name("unk_token").value(token));
    }

    /** @param tokens in the order of their ids */
    BpeJson vocabulary(List<String> tokens) {
        return write(to -> {
            to.name("vocab").beginObject();
            for (int id = 0; id < tokens.size(); id++) {
                to.name(tokens.get(id)).value(id);
            }
            to.endObject();
        });
    }

    /**
     * @param merges what is joined first comes first
     * @param lines whether every token of them {@link Merge#fitsLine fits a line}: the library reads lines in two thirds of the time
     */
    BpeJson merges(Stream<Merge> merges, boolean lines) {
        return write(to -> {
            to.name("merges").beginArray();
            for (var merge : (Iterable<Merge>) merges::iterator) {
                if (lines) {
                    to.value(merge.left() + " " + merge.right());
                } else {
                    to.beginArray().value(merge.left()).value(merge.right()).endArray();
                }
            }
            to.endArray();
        });
    }

    /** The text in UTF-8. */
    byte[] end() {
        write(JsonWriter::endObject).write(JsonWriter::flush);
        return text.toByteArray();
    }
}
