namespace Helix.EndToEnd.Harness;

/// <summary>One home for the tests of a class, in which helix runs.</summary>
public class RunningHome : IAsyncLifetime
{
    public TempHome Home { get; } = new();

    /// <summary>What <c>helix start</c> said and did.</summary>
    internal Ended Start { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await PrepareAsync();
        Start = (await Launched.RunAsync(StartCommand)).Succeeded();
        await StartedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Home.DisposeAsync();
        await DoneAsync();
    }

    private protected virtual Command StartCommand => Home.Command("start");

    protected virtual Task PrepareAsync() => Task.CompletedTask;

    protected virtual Task StartedAsync() => Task.CompletedTask;

    protected virtual Task DoneAsync() => Task.CompletedTask;
}
