namespace Helix.Core.Gateway;

/// <summary>Takes the chunked transfer coding off a body, piece by piece as it arrives.</summary>
internal struct ChunkedBody
{
    private const long MaxChunk = 1L << 40;

    /// <summary>Of a size that is read at once: a chunk of less than 16 MiB.</summary>
    private const int MostQuickDigits = 6;

    private enum At
    {
        Size,
        Extension,
        Data,
        DataEnd,
        Trailer,
        Done,
        Broken,
    }

    private At _at;
    private long _left;
    private bool _hasDigits;
    private bool _lineIsEmpty;

    public readonly bool IsDone => _at == At.Done;

    public readonly bool IsBroken => _at == At.Broken;

    /// <summary>Moves the data among these bytes to their front.</summary>
    /// <param name="read">Fewer than there are where the body ends among them.</param>
    /// <returns>How many bytes of data there were.</returns>
    public int Decode(Span<byte> bytes, out int read)
    {
        var (written, i) = (0, 0);
        while (i < bytes.Length && _at is not (At.Done or At.Broken))
        {
            if (_at == At.Data)
            {
                var count = (int)Math.Min(_left, bytes.Length - i);
                bytes.Slice(i, count).CopyTo(bytes[written..]);
                written += count;
                i += count;
                if ((_left -= count) == 0) _at = At.DataEnd;
            }
            else if (Quick(bytes[i..]) is > 0 and var taken)
            {
                i += taken;
            }
            else
            {
                Step(bytes[i++]);
            }
        }

        read = i;
        return written;
    }

    /// <summary>Takes what nearly always stands between two chunks at once: the end of one, or a whole line with the size of the next.</summary>
    /// <returns>How many bytes that were; 0 where they have to be looked at one by one.</returns>
    private int Quick(ReadOnlySpan<byte> bytes)
    {
        if (_at == At.DataEnd)
        {
            if (!bytes.StartsWith("\r\n"u8)) return 0;
            (_at, _left, _hasDigits) = (At.Size, 0, false);
            return 2;
        }

        if (_at != At.Size || _hasDigits) return 0;
        var (size, digits) = (0, 0);
        while (digits < MostQuickDigits && digits < bytes.Length && Digit(bytes[digits]) is >= 0 and var digit) (size, digits) = ((size << 4) | digit, digits + 1);
        if (size == 0 || !bytes[digits..].StartsWith("\r\n"u8)) return 0;
        (_at, _left, _hasDigits) = (At.Data, size, true);
        return digits + 2;
    }

    private void Step(byte next)
    {
        switch (_at)
        {
            case At.Size when Digit(next) is var digit and >= 0:
                _left = (_left << 4) | (uint)digit;
                _hasDigits = true;
                if (_left > MaxChunk) _at = At.Broken;
                break;
            case At.Size when !_hasDigits:
                _at = At.Broken;
                break;
            case At.Size or At.Extension:
                _at = next == '\n' ? AfterSize() : At.Extension;
                break;
            case At.DataEnd when next == '\n':
                (_at, _left, _hasDigits) = (At.Size, 0, false);
                break;
            case At.DataEnd when next != '\r':
                _at = At.Broken;
                break;
            case At.Trailer when next == '\n':
                if (_lineIsEmpty) _at = At.Done;
                _lineIsEmpty = true;
                break;
            case At.Trailer when next != '\r':
                _lineIsEmpty = false;
                break;
        }
    }

    private At AfterSize()
    {
        _lineIsEmpty = true;
        return _left == 0 ? At.Trailer : At.Data;
    }

    private static int Digit(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => c - '0',
        >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => c - 'A' + 10,
        _ => -1,
    };
}
