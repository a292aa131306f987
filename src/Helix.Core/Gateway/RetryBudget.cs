namespace Helix.Core.Gateway;

/// <summary>
/// How many requests may be sent again after an engine refused them: at most a fifth of all, and a few at any time, so that engines in trouble do
/// not get a multiple of their load.
/// </summary>
/// <param name="Left">Tries.</param>
/// <param name="Requests">That had come by then.</param>
/// <param name="At">When it was counted last.</param>
internal readonly record struct RetryBudget(double Left, long Requests, TimeSpan At)
{
    public const double Share = 0.2;

    public const double Most = 50;

    private const double PerSecond = 1;

    public static RetryBudget Full { get; } = new(Most, 0, TimeSpan.Zero);

    /// <param name="requests">That have come since the beginning.</param>
    public (bool Granted, RetryBudget Then) Take(long requests, TimeSpan now)
    {
        var left = Math.Min(Most, Left + (requests - Requests) * Share + (now - At).TotalSeconds * PerSecond);
        return left >= 1 ? (true, new(left - 1, requests, now)) : (false, new(left, requests, now));
    }
}
