package org.whylm.lm;

import java.util.ArrayList;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A regular expression of a tokenizer, as far as Hugging Face's native library can be trusted with it: a search of more than 10⁷ steps
 * or groups nested too deeply end the process there. So no group is repeated and nothing refers back to one, and what is tried again
 * when something does not match, a stretch of the text at each start, grows no faster than the text. The patterns of the models that
 * are known here, one character or class after the other, are such.
 */
final class SafePattern {

    /** No longer text is read: with {@link #STRETCHES} that stays below the library's limit. */
    static final int LONGEST_TEXT = 1 << 19;

    private static final int DEPTH = 32;
    private static final int LONGEST = 1 << 20;

    /** Stretches of the text that may be tried again at each start. */
    private static final int STRETCHES = 8;

    private static final int TRIES = 1 << 20;

    private static final Pattern INTERVAL = Pattern.compile("\\{([0-9]*)(,?)([0-9]*)\\}");
    private static final int LONGEST_INTERVAL = 8;
    private static final Pattern GROUP = Pattern.compile("\\?(:|=|!|>|<=|<!|<[A-Za-z_]\\w*>|[im]+:)");

    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;

        Refused(String problem) {
            super(problem, null, false, false);
        }
    }

    /**
     * How often something is tried: {@code t[0] + t[1]·n + …} where {@code n} is the length of a stretch of the text; the last number is of
     * all higher powers.
     */
    private record Tries(long... t) {

        static final Tries NONE = new Tries(0, 0, 0, 0);
        static final Tries ONE = new Tries(1, 0, 0, 0);
        static final Tries STRETCH = new Tries(0, 1, 0, 0);

        Tries plus(Tries others) {
            return new Tries(IntStream.range(0, t.length)
                    .mapToLong(power -> Math.min(t[power] + others.t[power], Integer.MAX_VALUE))
                    .toArray());
        }

        Tries times(Tries others) {
            var product = NONE.t.clone();
            for (int i = 0; i < t.length; i++) {
                for (int j = 0; j < t.length; j++) {
                    int power = Math.min(i + j, t.length - 1);
                    product[power] = Math.min(product[power] + t[i] * others.t[j], Integer.MAX_VALUE);
                }
            }
            return new Tries(product);
        }
    }

    /**
     * A part of a pattern.
     *
     * @param consumes whether every match of it has a character
     * @param fails whether it may not match
     * @param ways in how many ways it may match at one place
     * @param tries what is tried inside
     */
    private record Part(boolean consumes, boolean fails, Tries ways, Tries tries) {

        static final Part CHARACTER = new Part(true, true, Tries.ONE, Tries.NONE);
        static final Part PLACE = new Part(false, true, Tries.ONE, Tries.NONE);

        /** As it stands in a look-around or an atomic group: what has matched is not tried again. */
        Part once(boolean consumes, boolean fails) {
            return new Part(consumes, fails, Tries.ONE, tries);
        }
    }

    private final String regex;
    private int at;

    private SafePattern(String regex) {
        this.regex = regex;
    }

    /** What speaks against it. */
    static Optional<String> problem(String regex) {
        try {
            new SafePattern(regex).whole();
            return Optional.empty();
        } catch (Refused e) {
            return Optional.of(e.getMessage());
        }
    }

    /** Whether every match has a character: the library fails where a replacement takes the place of none. */
    static boolean consumes(String regex) {
        try {
            return new SafePattern(regex).whole().consumes();
        } catch (Refused e) {
            return false;
        }
    }

    private Part whole() {
        if (regex.length() > LONGEST) {
            throw new Refused("it has " + regex.length() + " characters");
        }
        if (regex.startsWith("(?i)")) {
            at = "(?i)".length();
        }
        var pattern = alternatives(0);
        if (at < regex.length()) {
            throw new Refused("a bracket is not opened");
        }
        var tries = pattern.tries().t();
        if (tries[0] > TRIES || tries[1] > STRETCHES || tries[2] + tries[3] > 0) {
            throw new Refused("it may try too many stretches of a text again");
        }
        return pattern;
    }

    private Part alternatives(int depth) {
        if (depth > DEPTH) {
            throw new Refused("its groups are nested");
        }
        boolean consumes = true, fails = true;
        Tries ways = Tries.NONE, tries = Tries.NONE;
        do {
            at += peek('|') ? 1 : 0;
            var branch = sequence(depth);
            consumes &= branch.consumes();
            fails &= branch.fails();
            ways = ways.plus(branch.ways());
            tries = tries.plus(branch.tries());
        } while (peek('|'));
        return new Part(consumes, fails, ways, tries);
    }

    private Part sequence(int depth) {
        var parts = new ArrayList<Part>();
        while (at < regex.length() && !peek('|') && !peek(')')) {
            parts.add(repeated(depth));
        }
        // Inside a group whatever comes behind it may fail; else what stands behind the last part that may fail is
        // tried once.
        int last = parts.size();
        while (depth == 0 && last > 0 && !parts.get(last - 1).fails()) {
            last--;
        }
        Tries ways = Tries.ONE, tries = Tries.NONE;
        for (int i = 0; i < parts.size(); i++) {
            var part = parts.get(i);
            tries = tries.plus(i < last ? ways.times(part.tries()) : part.tries());
            if (depth == 0 && i == last - 1) {
                tries = tries.plus(ways);
            }
            ways = ways.times(part.ways());
        }
        return new Part(
                parts.stream().anyMatch(Part::consumes),
                parts.stream().anyMatch(Part::fails),
                ways,
                depth > 0 ? tries.plus(ways) : tries);
    }

    /** A part and how often it may stand. */
    private Part repeated(int depth) {
        boolean isGroup = peek('(');
        var part = isGroup ? group(depth) : single();
        int start = at;
        var ways = ways();
        if (start == at) {
            return part;
        }
        var repeat = regex.substring(start, at);
        if (isGroup && repeat.charAt(0) != '?') {
            throw new Refused("it repeats a group");
        }
        if (at < regex.length() && "*+?{".indexOf(regex.charAt(at)) >= 0) {
            boolean onIntervals = repeat.charAt(0) == '{' && peek('+') && depth == 0;
            at++;
            // There + repeats the repetition. It is harmless only where nothing follows that may fail.
            if (!onIntervals || at < regex.length() && !peek('|')) {
                throw new Refused("it repeats a repetition");
            }
        }
        boolean optional = repeat.startsWith("?") || repeat.startsWith("*") || repeat.matches("\\{(0|,|[0-9]+}\\?).*");
        boolean possessive = repeat.length() > 1 && repeat.charAt(0) != '{' && repeat.endsWith("+");
        return new Part(
                part.consumes() && !optional,
                part.fails() && !optional,
                possessive
                        ? Tries.ONE
                        : optional && isGroup
                                ? part.ways().plus(Tries.ONE)
                                : part.ways().times(ways),
                part.tries());
    }

    /** Reads {@code *}, {@code {2,3}}, {@code +?} and so on: in how many ways that repeats a character. */
    private Tries ways() {
        if (at < regex.length() && "*+?".indexOf(regex.charAt(at)) >= 0) {
            var ways = peek('?') ? Tries.ONE.plus(Tries.ONE) : Tries.STRETCH;
            at++;
            at += peek('?') || peek('+') ? 1 : 0;
            return ways;
        }
        var interval = INTERVAL.matcher(regex).region(at, regex.length());
        if (!interval.lookingAt()) {
            return Tries.ONE;
        }
        at = interval.end();
        at += peek('?') ? 1 : 0;
        boolean open = !interval.group(2).isEmpty() && interval.group(3).isEmpty();
        if (open || interval.group().length() > LONGEST_INTERVAL) {
            return Tries.STRETCH;
        }
        int least = interval.group(1).isEmpty() ? 0 : Integer.parseInt(interval.group(1));
        int most = interval.group(3).isEmpty() ? least : Integer.parseInt(interval.group(3));
        return new Tries(Math.abs(most - least) + 1L, 0, 0, 0);
    }

    private Part group(int depth) {
        at++;
        var kind = "";
        if (peek('*')) {
            throw new Refused("it calls something");
        }
        if (peek('?')) {
            var start = GROUP.matcher(regex).region(at, regex.length());
            if (!start.lookingAt()) {
                throw new Refused("its group (" + regex.substring(at, Math.min(regex.length(), at + 4))
                        + " is of a kind that is not known here");
            }
            at = start.end();
            kind = start.group(1);
        }
        var inside = alternatives(depth + 1);
        if (!peek(')')) {
            throw new Refused("a group is not closed");
        }
        at++;
        return switch (kind) {
            case "=", "!", "<=", "<!" -> inside.once(false, true);
            case ">" -> inside.once(inside.consumes(), inside.fails());
            default -> inside;
        };
    }

    /** A character, a class or a place. */
    private Part single() {
        char c = regex.charAt(at);
        switch (c) {
            case '[' -> skipClass();
            case '\\' -> {
                at++;
                char escaped = at < regex.length() ? regex.charAt(at) : 'g';
                if (escaped == 'g' || escaped == 'k' || escaped >= '1' && escaped <= '9') {
                    throw new Refused("it refers back to a group");
                }
                if ("QEKXcCM".indexOf(escaped) >= 0) {
                    throw new Refused("\\" + escaped + " is not known here");
                }
                at++;
                if ("pPxuo".indexOf(escaped) >= 0 && peek('{')) {
                    int end = regex.indexOf('}', at);
                    at = end < 0 ? regex.length() : end + 1;
                }
                return "bBAzZGyY".indexOf(escaped) < 0 ? Part.CHARACTER : Part.PLACE;
            }
            case '*', '+', '?' -> throw new Refused("it repeats nothing");
            default -> at++;
        }
        return c == '^' || c == '$' ? Part.PLACE : Part.CHARACTER;
    }

    /** Behind the bracket that closes the class whose bracket is here; classes may have classes in them. */
    private void skipClass() {
        int open = 0;
        do {
            char c = regex.charAt(at);
            open += c == '[' ? 1 : c == ']' ? -1 : 0;
            at += c == '\\' || c == '[' && regex.startsWith("^", at + 1) ? 1 : 0;
            if (c == '[' && regex.startsWith("]", at + 1)) {
                throw new Refused("a class begins with its closing bracket");
            }
            at++;
        } while (open > 0 && at < regex.length());
        if (open > 0) {
            throw new Refused("a class is not closed");
        }
    }

    private boolean peek(char c) {
        return at < regex.length() && regex.charAt(at) == c;
    }
}
