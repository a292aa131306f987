using System.Diagnostics.CodeAnalysis;
using Helix.Gateway.Lane;

namespace Helix.Gateway;

/// <summary>Connections to one endpoint on which nothing is said; the one used last goes out first.</summary>
/// <param name="loop">Those of its own: they lie on its thread only, and nothing is locked for them. Null for those that any thread takes.</param>
internal sealed class IdleLines(string endpoint, LaneLoop? loop = null)
{
    /// <summary>Who is asked by more at once has more than it can work on.</summary>
    private const int Most = 256;

    private readonly Lock _gate = new();
    private readonly Stack<UpstreamConnection> _lines = new();

    public string Endpoint => endpoint;

    public LaneLoop? Loop => loop;

    /// <summary>On the loop's thread where they are a loop's.</summary>
    public bool TryTake([NotNullWhen(true)] out UpstreamConnection? line)
    {
        if (loop is not null) return _lines.TryPop(out line);
        lock (_gate) return _lines.TryPop(out line);
    }

    /// <summary>One too many is closed. From any thread, and so is all that follows.</summary>
    /// <param name="line">It was made for these.</param>
    public void Bring(UpstreamConnection line)
    {
        if (loop is { IsHere: false })
        {
            loop.Post(
                static held =>
                {
                    var brought = (UpstreamConnection)held!;
                    brought.Lines!.Bring(brought);
                },
                line);
            return;
        }

        if (!TryPush(line)) line.Dispose();
    }

    public void CloseAll()
    {
        if (loop is { IsHere: false })
        {
            loop.Post(static held => ((IdleLines)held!).CloseAll(), this);
            return;
        }

        while (TryTake(out var line)) line.Dispose();
    }

    /// <summary>Closes them where the one used last was closed by its other side.</summary>
    public void CloseTheGone()
    {
        if (loop is { IsHere: false })
        {
            loop.Post(static held => ((IdleLines)held!).CloseTheGone(), this);
            return;
        }

        if (TryPeek(out var newest) && newest.IsStale()) CloseAll();
    }

    private bool TryPush(UpstreamConnection line)
    {
        if (loop is not null) return Pushes(line);
        lock (_gate) return Pushes(line);
    }

    private bool Pushes(UpstreamConnection line)
    {
        if (_lines.Count >= Most) return false;
        _lines.Push(line);
        return true;
    }

    private bool TryPeek([NotNullWhen(true)] out UpstreamConnection? newest)
    {
        if (loop is not null) return _lines.TryPeek(out newest);
        lock (_gate) return _lines.TryPeek(out newest);
    }
}
