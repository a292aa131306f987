using System.Collections.Immutable;
using Helix.Core.Fleet;
using Helix.Core.Planning;
using Helix.Core.Tuning;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Fleet;

/// <summary>What the fleet's loop holds and reads.</summary>
internal sealed partial class Fleet
{
    /// <summary>A supervisor and what the fleet last heard of it.</summary>
    private sealed class Post
    {
        private readonly CancellationTokenSource _leave = new();
        private readonly Task _run;
        private bool _isDismissed;

        public Post(Seat seat, Supervisor supervisor, Placement.Run run, Action<Exception?> left)
        {
            (Seat, Supervisor, Run) = (seat, supervisor, run);
            _run = RunAsync(left);
        }

        public Seat Seat { get; }

        public Supervisor Supervisor { get; }

        /// <summary>As it was started.</summary>
        public Placement.Run Run { get; set; }

        /// <summary>What it was seen to take last, in bytes; 0 before that.</summary>
        public long MeasuredBytes { get; set; }

        public InstanceStatus? Status { get; set; }

        public Life? Life
        {
            get;
            set => (field, _isDismissed) = (value, _isDismissed && value is { Wanted: true });
        }

        /// <summary>Since when it only finishes what it answers, before another of its kind takes its place; null if it does not.</summary>
        public DateTimeOffset? FinishesSince { get; private set; }

        /// <summary>It finishes, or was told to end and has not said yet that it does: no request is sent to it, even if it is wanted again meanwhile.</summary>
        public bool IsLeaving => _isDismissed || FinishesSince is not null || Renews is { IsTold: true };

        /// <summary>It wants to run, as far as is known, and was not told otherwise.</summary>
        public bool IsToldWanted => Life is { Wanted: true } && !_isDismissed;

        /// <summary>It is started anew, as it is, when it has answered; null where it is not.</summary>
        public Renewal? Renews { get; set; }

        public void TellRenewal()
        {
            if (Renews is not { IsTold: false } renewal) return;
            Renews = renewal with { IsTold = true };
            Supervisor.Tell(new Happening.Outdated(renewal.Why));
        }

        /// <summary>Since when another of its kind is to take its place.</summary>
        public DateTimeOffset? OutdatedSince { get; private set; }

        private DateTimeOffset? NextFinish { get; set; }

        public void Finish(DateTimeOffset now)
        {
            OutdatedSince ??= now;
            if (!(now < NextFinish)) FinishesSince ??= now;
        }

        /// <summary>It was not done in time: it answers as before, until then.</summary>
        public void GoesOn(DateTimeOffset until) => (FinishesSince, NextFinish) = (null, until);

        public void StaysAfterAll() => (FinishesSince, OutdatedSince, NextFinish) = (null, null, null);

        public void Dismiss(string why)
        {
            _isDismissed |= Life is { Wanted: true };
            FinishesSince = null;
            Supervisor.Tell(new Happening.Unwanted(why));
        }

        /// <summary>Ends the supervisor's loop; what it supervises runs on.</summary>
        public async Task LeaveAsync()
        {
            await _leave.CancelAsync();
            await _run;
        }

        private async Task RunAsync(Action<Exception?> left)
        {
            try
            {
                await Supervisor.RunAsync(_leave.Token);
                left(null);
            }
            catch (OperationCanceledException) when (_leave.IsCancellationRequested)
            {
                // told to leave
            }
            catch (Exception e)
            {
                left(e);
            }
        }
    }

    /// <param name="Generation">The start that it is about; null where none was told of yet.</param>
    private sealed record Renewal(string Why, int? Generation, bool IsTold = false);

    private sealed record Published(FleetSnapshot Snapshot)
    {
        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private abstract record Message
    {
        private Message() { }

        internal sealed record Ask(TaskCompletionSource Settled) : Message;

        internal sealed record Wanted(string Model, string? Provider) : Message;

        internal sealed record NewInputs(FleetInputs Inputs) : Message;

        internal sealed record Wished(string Provider, Wish Wish) : Message;

        internal sealed record Nudge(string Provider, string Why) : Message;

        internal sealed record LookNow : Message;

        internal sealed record Changed(InstanceStatus Status, Life Life, LifeDecision? Decision) : Message;

        internal sealed record Tuned(Seat Seat, EngineTuning Tuning) : Message;

        internal sealed record Renew(Func<Seat, bool> Which, string Why, bool AtOnce) : Message;

        internal sealed record Warm(string Model) : Message;

        internal sealed record AskSeats(string? Model, TaskCompletionSource<ImmutableArray<KnownSeat>> Answer) : Message;

        internal sealed record Ledger(MemoryLedger Known) : Message;

        internal sealed record Memory(string Name, int Pid, long Bytes) : Message;

        /// <param name="Seating">Null: it is free again.</param>
        internal sealed record Reserved(object Key, Seating? Seating) : Message;

        internal sealed record Tried(Seat Seat, bool Begins) : Message;

        internal sealed record Left(string Name, Exception? Error) : Message;

        internal sealed record Ended(ProcessExit Exit) : Message;

        internal sealed record Running(IReadOnlyList<KnownProcess> Processes) : Message;

        internal sealed record Tick : Message;
    }
}
