package io.deepgate.watch.replay;

import io.deepgate.watch.replay.Pair.Verdict;
import java.io.StringWriter;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** A report as CI servers read the results of tests. A case that passes at neither model is skipped: it is no news. */
final class JunitReport {

    /** What XML 1.0 has no way to write. */
    private static final String UNWRITABLE = "[^\\t\\n\\r\\x20-\\uD7FF\\uE000-\\uFFFD]";

    private JunitReport() {}

    static String of(Report report) {
        StringWriter out = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(out);
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeStartElement("testsuite");
            xml.writeAttribute(
                    "name",
                    plain("replay of " + report.candidate().model() + " against "
                            + report.against().model()));
            count(xml, "tests", report.pairs().size());
            count(xml, "failures", report.with(Verdict.REGRESSION).size());
            count(xml, "errors", report.with(Verdict.UNFINISHED).size());
            count(xml, "skipped", report.with(Verdict.FAILS).size());
            for (Pair pair : report.pairs()) {
                write(xml, pair, report.candidate().model());
            }
            xml.writeEndElement();
            xml.writeEndDocument();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("in memory nothing fails", e);
        }
        return out.toString();
    }

    private static void write(XMLStreamWriter xml, Pair pair, String model) throws XMLStreamException {
        xml.writeStartElement("testcase");
        xml.writeAttribute("classname", plain(model));
        xml.writeAttribute("name", plain(pair.id()));
        if (pair.candidate() != null) {
            xml.writeAttribute(
                    "time", String.format(Locale.ROOT, "%.3f", pair.candidate().millis() / 1000.0));
        }
        switch (pair.verdict()) {
            case REGRESSION -> message(xml, "failure", pair.failures());
            case FAILS -> message(xml, "skipped", "fails as before: " + pair.failures());
            case UNFINISHED -> message(xml, "error", "has not been answered");
            case PASSES, FIXED -> {}
        }
        xml.writeEndElement();
    }

    private static void message(XMLStreamWriter xml, String element, String message) throws XMLStreamException {
        xml.writeEmptyElement(element);
        xml.writeAttribute("message", plain(message));
    }

    private static void count(XMLStreamWriter xml, String name, int count) throws XMLStreamException {
        xml.writeAttribute(name, Integer.toString(count));
    }

    private static String plain(String text) {
        return text.replaceAll(UNWRITABLE, "?");
    }
}
