namespace Helix.Fleet;

/// <summary>Engines are measured by one at a time: two that are measured at once measure each other, and each would count the same free memory.</summary>
internal sealed class MeasuringTurn : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <returns>False where somebody measures already.</returns>
    public bool TryTake() => _turn.Wait(0, CancellationToken.None);

    public Task TakeAsync(CancellationToken cancellationToken) => _turn.WaitAsync(cancellationToken);

    public void Release() => _turn.Release();

    public void Dispose() => _turn.Dispose();
}
