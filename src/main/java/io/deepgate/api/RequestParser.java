package io.deepgate.api;

import java.io.InputStream;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.io.IOContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.UTF8StreamJsonParser;
import tools.jackson.core.sym.ByteQuadsCanonicalizer;

/**
 * Jackson's parser of UTF-8, which skips a prompt's plain text eight bytes at a time instead of one by one, and what an
 * object or array holds without making tokens of it.
 */
final class RequestParser extends UTF8StreamJsonParser {

    private RequestParser(
            ObjectReadContext context,
            IOContext io,
            int features,
            int formatFeatures,
            InputStream bytes,
            ByteQuadsCanonicalizer names) {
        super(context, io, features, formatFeatures, bytes, names, io.allocReadIOBuffer(), 0, 0, 0, true);
    }

    /** Skips what an object or array holds, as strictly as by tokens, which take twice as long. */
    @Override
    public JsonParser skipChildren() {
        if (_currToken == JsonToken.START_OBJECT) {
            skipObject(_streamReadContext.getNestingDepth());
            _updateToken(JsonToken.END_OBJECT);
        } else if (_currToken == JsonToken.START_ARRAY) {
            skipArray(_streamReadContext.getNestingDepth());
            _updateToken(JsonToken.END_ARRAY);
        } else {
            return this;
        }
        _streamReadContext = _streamReadContext.getParent();
        return this;
    }

    private void skipObject(int depth) {
        int next = next();
        if (next == '}') {
            return;
        }
        while (next == '"') {
            skipName();
            require(':', next());
            skipValue(next(), depth);
            next = next();
            if (next == '}') {
                return;
            }
            require(',', next);
            next = next();
        }
        _reportUnexpectedChar(next, "was expecting double-quote to start property name");
    }

    private void skipName() {
        int end = PlainText.end(_inputBuffer, _inputPtr, _inputEnd);
        if (end < _inputEnd && _inputBuffer[end] == '"') {
            _inputPtr = end + 1;
        } else {
            _parseName('"');
        }
    }

    private void skipArray(int depth) {
        int next = next();
        if (next == ']') {
            return;
        }
        while (true) {
            skipValue(next, depth);
            next = next();
            if (next == ']') {
                return;
            }
            require(',', next);
            next = next();
        }
    }

    private void skipValue(int first, int depth) {
        switch (first) {
            case '"' -> _skipString();
            case '{' -> skipObject(deeper(depth));
            case '[' -> skipArray(deeper(depth));
            case 't' -> _matchTrue();
            case 'f' -> _matchFalse();
            case 'n' -> _matchNull();
            default -> skipNumber(first);
        }
    }

    private void skipNumber(int first) {
        int digit = first;
        if (first == '-') {
            digit = read() & 0xFF;
        }
        if (digit < '0' || digit > '9') {
            _handleUnexpectedValue(digit);
        }
        _parseUnsignedNumber(digit);
    }

    private int deeper(int depth) {
        streamReadConstraints().validateNestingDepth(depth + 1);
        return depth + 1;
    }

    private void require(char wanted, int next) {
        if (next != wanted) {
            _reportUnexpectedChar(next, "was expecting '" + wanted + "'");
        }
    }

    /** The next byte that is no white space. */
    private int next() {
        while (true) {
            byte next = read();
            if (next > ' ' || next < 0) {
                return next & 0xFF;
            } else if (next == '\n') {
                _currInputRow++;
                _currInputRowStart = _inputPtr;
            } else if (next != ' ' && next != '\t' && next != '\r') {
                _reportInvalidSpace(next);
            }
        }
    }

    private byte read() {
        if (_inputPtr == _inputEnd) {
            _loadMoreGuaranteed();
        }
        return _inputBuffer[_inputPtr++];
    }

    @Override
    protected void _skipString() {
        while (_inputPtr < _inputEnd || _loadMore()) {
            _inputPtr = PlainText.end(_inputBuffer, _inputPtr, _inputEnd);
            if (_inputPtr < _inputEnd && !skipSpecial()) {
                break;
            }
        }
        super._skipString();
    }

    /** Skips an escape, or characters beyond ASCII; tells whether it is one, and not the closing quote or an error. */
    private boolean skipSpecial() {
        if (_inputBuffer[_inputPtr] == '\\') {
            _inputPtr++;
            _decodeEscaped();
            return true;
        }
        do {
            int length = Integer.numberOfLeadingZeros(~_inputBuffer[_inputPtr] << (Integer.SIZE - Byte.SIZE));
            if (length < 2 || length > 4) {
                return false;
            }
            _inputPtr++;
            for (int i = 1; i < length; i++) {
                byte next = read();
                if (next >= (byte) 0xC0) {
                    _reportInvalidOther(next & 0xFF, _inputPtr);
                }
            }
        } while (_inputPtr < _inputEnd && _inputBuffer[_inputPtr] < 0);
        return true;
    }

    /** Makes these parsers. UTF-8 is all that JSON over HTTP allows, and offsets would be wrong in any other encoding. */
    static final class Factory extends JsonFactory {

        Factory() {
            super(builder().disable(TokenStreamFactory.Feature.CHARSET_DETECTION));
        }

        @Override
        protected JsonParser _createParser(ObjectReadContext context, IOContext io, InputStream bytes) {
            io.setEncoding(JsonEncoding.UTF8);
            return new RequestParser(
                    context,
                    io,
                    context.getStreamReadFeatures(_streamReadFeatures),
                    context.getFormatReadFeatures(_formatReadFeatures),
                    bytes,
                    _byteSymbolCanonicalizer.makeChild(_factoryFeatures));
        }
    }
}
