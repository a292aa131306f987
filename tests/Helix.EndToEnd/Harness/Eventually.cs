namespace Helix.EndToEnd.Harness;

/// <summary>Waits for a condition instead of a time. The deadline is a safety net, never the expected way out.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(5);

    public static Task TrueAsync(Func<bool> condition, string what, Func<string>? otherwise = null, TimeSpan? deadline = null) =>
        TrueAsync(() => Task.FromResult(condition()), what, otherwise, deadline);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what, Func<string>? otherwise = null, TimeSpan? deadline = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > (deadline ?? s_deadline))
                Assert.Fail($"not within {(deadline ?? s_deadline).TotalSeconds} s: {what}\n{otherwise?.Invoke()}");
            await Task.Delay(s_look, TimeProvider.System);
        }
    }
}
