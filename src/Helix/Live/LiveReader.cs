using System.Threading.Channels;

namespace Helix.Live;

/// <summary>One open dashboard. The bytes that it is given are shared with all others.</summary>
internal sealed class LiveReader
{
    /// <summary>Events that may wait for a slow connection; whoever falls further behind is told everything anew once he has read them.</summary>
    private const int Held = 64;

    private readonly Channel<byte[]> _events = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(Held) { SingleReader = true, SingleWriter = true });
    private volatile bool _isBehind;

    /// <summary>Ends when nothing more will come.</summary>
    public ChannelReader<byte[]> Events => _events.Reader;

    /// <summary>It missed something, and gets nothing until it is told everything anew.</summary>
    public bool IsBehind => _isBehind;

    public void Give(byte[] bytes)
    {
        if (!_isBehind && !_events.Writer.TryWrite(bytes)) _isBehind = true;
    }

    /// <summary>Everything, or all that it missed: what was before does not matter any more.</summary>
    public void GiveAnew(byte[] bytes)
    {
        _isBehind = false;
        Give(bytes);
    }

    public void End() => _events.Writer.TryComplete();
}
