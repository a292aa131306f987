using System.Globalization;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>Gives each request its id: the client's own where it is sane, else a new one.</summary>
internal sealed class RequestIds
{
    public const string Header = "x-request-id";

    private readonly string _start = $"req_{Guid.NewGuid():N}"[..16];
    private long _last;

    public string For(HttpRequest request)
    {
        var sent = request.Headers[Header];
        return sent.Count == 1 && RequestId.IsSane(sent[0]) ? sent[0]! : Next();
    }

    private string Next()
    {
        Span<char> digits = stackalloc char[16];
        Interlocked.Increment(ref _last).TryFormat(digits, out var count, "x6", CultureInfo.InvariantCulture);
        return string.Concat(_start, digits[..count]);
    }
}
