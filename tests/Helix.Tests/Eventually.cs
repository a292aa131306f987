using System.Runtime.CompilerServices;

namespace Helix.Tests;

/// <summary>Waits for a condition instead of a time. The limit is a safety net, never the expected way out.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(5);

    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(60);

    public static Task TrueAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        TrueAsync(() => Task.FromResult(condition()), what);

    /// <param name="nudge">Done after each look that found it not to be true yet: a simulated clock moved on, for one.</param>
    public static Task TrueAsync(Func<bool> condition, Action nudge, [CallerArgumentExpression(nameof(condition))] string what = "") => TrueAsync(
        () =>
        {
            if (condition()) return true;
            nudge();
            return false;
        },
        what);

    public static async Task TrueAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Limit, $"not within {Limit.TotalSeconds} s: {what}");
            await Task.Delay(s_pace, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
