namespace Helix.SelfUpdate;

/// <summary>A release of helix cannot be had, or is not acceptable; nothing was changed.</summary>
/// <param name="code">See <see cref="Contracts.ApiError"/>. A commit that was <c>refused</c> is not tried again by itself: what the machine lacks, or does not do now, has another code.</param>
internal sealed class SelfUpdateException(string message, string? remedy = null, string code = "refused") : Exception(message)
{
    public string Code => code;

    public string? Remedy => remedy;
}
