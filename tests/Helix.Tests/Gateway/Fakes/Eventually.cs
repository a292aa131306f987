namespace Helix.Tests.Gateway.Fakes;

/// <summary>Waits for what must come; the deadline is only a safety net.</summary>
internal static class Eventually
{
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(60);

    public static async Task TrueAsync(Func<bool> condition, Action? nudge = null)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Limit, "it never came true");
            nudge?.Invoke();
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }
    }
}
