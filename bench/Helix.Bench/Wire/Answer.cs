using System.Globalization;
using System.Text;

namespace Helix.Bench.Wire;

/// <summary>An answer as it comes in, with the time of each piece. Understands a length or chunks, which is all these servers send.</summary>
/// <param name="asked">Ticks of the stopwatch when the request was sent.</param>
internal sealed class Answer(long asked)
{
    private readonly MemoryStream _head = new();
    private readonly MemoryStream _body = new();
    private long _left = -1;
    private bool _chunked;
    private bool _inHead = true;
    private readonly StringBuilder _line = new();
    private string[] _headers = [];

    public long Asked => asked;

    public int Status { get; private set; }

    public bool IsWhole { get; private set; }

    /// <summary>Where the body stood, and when.</summary>
    public List<(long Ticks, int Length)> Pieces { get; } = [];

    public ReadOnlySpan<byte> Body => _body.GetBuffer().AsSpan(0, (int)_body.Length);

    public string Text => Encoding.UTF8.GetString(Body);

    public string? Header(string name) => _headers.FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    /// <summary>False where the connection ended before the answer did.</summary>
    public bool Take(ReadOnlySpan<byte> bytes, long ticks)
    {
        if (bytes.IsEmpty) return false;
        if (_inHead) bytes = Head(bytes);
        if (_inHead) return true;
        if (_chunked) Chunks(bytes);
        else Sized(bytes);
        if (_body.Length > (Pieces.Count == 0 ? 0 : Pieces[^1].Length)) Pieces.Add((ticks, (int)_body.Length));
        return true;
    }

    private ReadOnlySpan<byte> Head(ReadOnlySpan<byte> bytes)
    {
        var before = (int)_head.Length;
        _head.Write(bytes);
        var head = _head.GetBuffer().AsSpan(0, (int)_head.Length);
        var end = head.IndexOf("\r\n\r\n"u8);
        if (end < 0) return [];
        _inHead = false;
        var lines = Encoding.ASCII.GetString(head[..end]).Split("\r\n");
        Status = int.Parse(lines[0].AsSpan(9, 3), CultureInfo.InvariantCulture);
        _headers = lines[1..];
        foreach (var line in _headers)
        {
            if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)) _left = long.Parse(line.AsSpan(15), CultureInfo.InvariantCulture);
            if (line.StartsWith("Transfer-Encoding:", StringComparison.OrdinalIgnoreCase)) _chunked = line.Contains("chunked", StringComparison.OrdinalIgnoreCase);
        }

        if (!_chunked && _left < 0) throw new IOException("An answer says neither its length nor that it comes in chunks.");
        if (_chunked) _left = 0;
        IsWhole = _left == 0 && !_chunked;
        return bytes[(end + 4 - before)..];
    }

    private void Sized(ReadOnlySpan<byte> bytes)
    {
        _body.Write(bytes);
        _left -= bytes.Length;
        IsWhole = _left <= 0;
    }

    /// <summary>Between chunks stands a line with the length of the next; the empty line after a chunk is passed over.</summary>
    private void Chunks(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && !IsWhole)
        {
            if (_left > 0)
            {
                var part = (int)Math.Min(_left, bytes.Length);
                _body.Write(bytes[..part]);
                _left -= part;
                bytes = bytes[part..];
                continue;
            }

            if (bytes[0] == '\n')
            {
                if (_line.Length > 0)
                {
                    _left = long.Parse(_line.ToString().Split(';')[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                    IsWhole = _left == 0;
                    _line.Clear();
                }
            }
            else if (bytes[0] != '\r')
            {
                _line.Append((char)bytes[0]);
            }

            bytes = bytes[1..];
        }
    }
}
