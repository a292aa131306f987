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
    /// <summary>Requests that the instance is answering now, and when a token of any came out last (null: never).</summary>
    (int InFlight, DateTimeOffset? LastToken) Of(string instance);
}
