namespace Helix.Tests.Processes;

/// <summary>Waits for what must come true; the limit is only there so that a failure ends.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(5);

    public static Task HoldsAsync(Func<bool> condition, string what) => HoldsAsync(() => Task.FromResult(condition()), what);

    public static async Task HoldsAsync(Func<Task<bool>> condition, string what)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < s_limit, $"did not come true: {what}");
            await Task.Delay(s_pace, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
