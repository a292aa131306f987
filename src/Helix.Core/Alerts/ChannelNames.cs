using System.Collections.Immutable;

namespace Helix.Core.Alerts;

/// <summary>The channels that are silent until somebody sets them up.</summary>
internal static class ChannelNames
{
    public const string Email = "email";
    public const string Slack = "slack";
    public const string Discord = "discord";
    public const string Webhook = "webhook";

    public static ImmutableArray<string> All { get; } = [Email, Slack, Discord, Webhook];
}
