using Helix.Core.Install;

namespace Helix.Install;

/// <summary>What the installations' loop holds and reads.</summary>
internal sealed partial class Installations
{
    /// <summary>What is done for one provider.</summary>
    private sealed class Work
    {
        public Task? Running { get; set; }

        /// <summary>Ends what is under way.</summary>
        public CancellationTokenSource? Cancel { get; set; }

        /// <summary>Completes when what is under way has ended.</summary>
        public TaskCompletionSource Ended { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public InstallProgress? Progress { get; set; }

        public InstallOutcome.Failed? Failure { get; set; }

        public int Failures { get; set; }

        public DateTimeOffset NextTry { get; set; }

        public DateTimeOffset Since { get; set; }

        /// <summary>What the one that is under way, or was tried last, is expected to take.</summary>
        public InstallSize Size { get; set; } = new(null, null);

        /// <summary>Of the release that is, or was, being made.</summary>
        public string Label { get; set; } = "";

        /// <summary>Bytes that it fetched already, by the step that did: they lie on the disk and are counted there.</summary>
        public Dictionary<string, long> Fetched { get; } = new(StringComparer.Ordinal);

        /// <summary>What it is still going to take.</summary>
        public long ToCome => Math.Max(0, (Size.Total ?? 0) - Fetched.Values.Sum());

        /// <summary>It waits for nothing but room within the budget.</summary>
        public bool NeedsRoom { get; set; }
    }

    private abstract record Message
    {
        private Message() { }

        internal sealed record Look : Message;

        internal sealed record Settle(TaskCompletionSource Done) : Message;

        internal sealed record Still(Action<IReadOnlySet<string>> Action, TaskCompletionSource Done) : Message;

        internal sealed record Asked(string Id, string? Version) : Message;

        internal sealed record Ordered(string Id, Order Order) : Message;

        internal sealed record Use(string Id, string Version, TaskCompletionSource Done) : Message;

        internal sealed record Refuse(string Id, string Version, TaskCompletionSource Done) : Message;

        internal sealed record AllAgain : Message;

        internal sealed record Reported(string Id, InstallProgress Progress) : Message;

        internal sealed record Ended(string Id, InstallOutcome.Failed? Failure) : Message;

        internal sealed record Remove(string Id, TaskCompletionSource Done) : Message;

        internal sealed record RollBack(string Id, TaskCompletionSource Done) : Message;

        internal sealed record Accepted(string Id, string Terms, TaskCompletionSource Done) : Message;
    }
}
