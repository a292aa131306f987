using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>Gives each request its id: the client's own where it is sane, else a new one.</summary>
internal sealed class RequestIds
{
    public const string Header = "x-request-id";

    /// <summary>Digits of a number, at least.</summary>
    private const int Digits = 6;

    /// <summary>What all that are given by this daemon begin with.</summary>
    private readonly string _start = $"req_{Guid.NewGuid():N}"[..16];
    private long _last;

    public string For(HttpRequest request)
    {
        var sent = request.Headers[Header];
        return sent.Count == 1 && RequestId.IsSane(sent[0]) ? sent[0]! : Next();
    }

    /// <remarks>Each request comes by here: its number is written from the end, without a format that would have to be read each time.</remarks>
    private string Next()
    {
        Span<char> id = stackalloc char[32];
        var at = id.Length;
        for (var left = Interlocked.Increment(ref _last); left != 0 || id.Length - at < Digits; left >>= 4) id[--at] = "0123456789abcdef"[(int)(left & 15)];
        at -= _start.Length;
        _start.CopyTo(id[at..]);
        return new(id[at..]);
    }
}
