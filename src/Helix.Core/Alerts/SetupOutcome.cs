namespace Helix.Core.Alerts;

/// <summary>What a channel's setup is.</summary>
internal abstract record SetupOutcome
{
    private SetupOutcome() { }

    internal sealed record Good(ChannelTarget Target) : SetupOutcome;

    /// <param name="Reason">Without anything of a secret.</param>
    internal sealed record Bad(string Reason, string Remedy) : SetupOutcome;
}
