using Helix.Core.Fleet;

namespace Helix.Fleet;

/// <summary>Looks at one running instance: does it answer, as what, and does it produce tokens.</summary>
internal interface IProber : IDisposable
{
    /// <param name="pid">Of the process; 0 while nobody knows it.</param>
    /// <param name="runsSince">Start of the process; what was seen of an earlier one says nothing of this.</param>
    Task<Verdict> LookAsync(int pid, DateTimeOffset runsSince, CancellationToken cancellationToken);
}

/// <summary>What the gateway saw of an instance's tokens.</summary>
internal interface ITokenWatch
{
    TokenSigns Of(string instance);
}

/// <param name="InFlight">Requests that the instance is answering now.</param>
/// <param name="LastToken">When a token of any came out last; null: never.</param>
/// <param name="BusySince">When the oldest that may be answered now began, or one ended last; null while it answers none.</param>
internal readonly record struct TokenSigns(int InFlight, DateTimeOffset? LastToken, DateTimeOffset? BusySince = null);
