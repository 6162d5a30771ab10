package org.whylm.lm;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.Stream;

/**
 * A BPE model as it stands in a {@code tokenizer.json}, written as it comes: of a vocabulary of 262,144 a tree of JSON takes two seconds,
 * its text a tenth of that.
 */
final class BpeJson {

    /** Two tokens that are joined. */
    record Merge(String left, String right) {}

    private interface Step {
        void write(JsonWriter json) throws IOException;
    }

    private final StringWriter text = new StringWriter();
    private final JsonWriter json = new JsonWriter(text);

    BpeJson() {
        write(to -> to.beginObject().name("type").value("BPE"));
    }

    private BpeJson write(Step step) {
        try {
            step.write(json);
            return this;
        } catch (IOException e) {
            throw new AssertionError("A string cannot fail to be written", e);
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

    /** @param merges what is joined first comes first */
    BpeJson merges(Stream<Merge> merges) {
        return write(to -> {
            to.name("merges").beginArray();
            for (var merge : (Iterable<Merge>) merges::iterator) {
                to.beginArray().value(merge.left()).value(merge.right()).endArray();
            }
            to.endArray();
        });
    }

    String end() {
        write(JsonWriter::endObject);
        return text.toString();
    }
}
