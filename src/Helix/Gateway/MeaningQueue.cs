using System.Threading.Channels;

namespace Helix.Gateway;

/// <summary>A text as a vector.</summary>
/// <param name="Unit">Of length one.</param>
/// <param name="By">Who made it: those of others cannot be compared with it.</param>
internal sealed record MeantVector(float[] Unit, string By);

/// <summary>A text of which a vector is asked for.</summary>
/// <param name="Told">Ends with it, or with null where nobody makes one.</param>
internal sealed record AskedVector(string Text, TaskCompletionSource<MeantVector?> Told);

/// <summary>Texts whose vectors are wanted. Where more come than are made, those beyond a number get none.</summary>
internal sealed class MeaningQueue
{
    private const int Most = 64;

    private readonly Channel<AskedVector> _queue = Channel.CreateBounded<AskedVector>(new BoundedChannelOptions(Most) { SingleReader = true });

    public ChannelReader<AskedVector> Asked => _queue.Reader;

    /// <summary>Ends with the vector of a text, or with null; never fails.</summary>
    public Task<MeantVector?> AskAsync(string text)
    {
        var asked = new AskedVector(text, new(TaskCreationOptions.RunContinuationsAsynchronously));
        return _queue.Writer.TryWrite(asked) ? asked.Told.Task : Task.FromResult<MeantVector?>(null);
    }

    /// <summary>Nobody makes any more.</summary>
    public void Close() => _queue.Writer.TryComplete();
}
