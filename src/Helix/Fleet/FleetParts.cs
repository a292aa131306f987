using Helix.Core.Fleet;
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

        public Post(Supervisor supervisor, long needBytes, Action<Exception?> left)
        {
            (Supervisor, NeedBytes) = (supervisor, needBytes);
            _run = RunAsync(left);
        }

        public Supervisor Supervisor { get; }

        public long NeedBytes { get; }

        public InstanceStatus? Status { get; set; }

        public Life? Life { get; set; }

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

    private sealed record Published(FleetSnapshot Snapshot)
    {
        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private abstract record Message
    {
        private Message() { }

        internal sealed record Ask(TaskCompletionSource Settled) : Message;

        internal sealed record Wanted(string Model) : Message;

        internal sealed record NewInputs(FleetInputs Inputs) : Message;

        internal sealed record Wished(Wish Wish) : Message;

        internal sealed record Changed(InstanceStatus Status, Life Life) : Message;

        internal sealed record Left(string Name, Exception? Error) : Message;

        internal sealed record Ended(ProcessExit Exit) : Message;

        internal sealed record Running(IReadOnlyList<KnownProcess> Processes) : Message;

        internal sealed record Tick : Message;
    }
}
