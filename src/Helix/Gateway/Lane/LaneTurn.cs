using System.Runtime.CompilerServices;

namespace Helix.Gateway.Lane;

/// <summary>Awaited, it goes on on the loop's thread; at once where that is this one.</summary>
internal readonly struct LaneTurn(LaneLoop loop) : ICriticalNotifyCompletion
{
    public bool IsCompleted => loop.IsHere;

    public LaneTurn GetAwaiter() => this;

    public void GetResult()
    {
    }

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation) => loop.Post(static held => ((Action)held!)(), continuation);
}
