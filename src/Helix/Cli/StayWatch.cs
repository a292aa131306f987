using Helix.Processes;

namespace Helix.Cli;

/// <summary>Stays beside a helix that runs, shows its log, and notices its end. A keeper that died has time to be followed by another.</summary>
internal sealed class StayWatch(IKeeper keeper, TimeProvider time)
{
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <returns><see cref="KeeperLife.None"/> when it was stopped, <see cref="KeeperLife.Lost"/> when it was not, and yet is gone.</returns>
    public async Task<KeeperLife> ShowUntilTheEndAsync(LogTail log, Terminal terminal, CancellationToken cancellationToken)
    {
        var (lookedAt, livedAt) = (time.GetTimestamp(), time.GetTimestamp());
        while (true)
        {
            foreach (var line in log.NewLines()) terminal.Say(line);
            if (time.GetElapsedTime(lookedAt) >= s_look)
            {
                lookedAt = time.GetTimestamp();
                switch (await keeper.LookAsync(cancellationToken))
                {
                    case KeeperLife.None: return KeeperLife.None;
                    case KeeperLife.Lost when time.GetElapsedTime(livedAt) >= s_patience: return KeeperLife.Lost;
                    case KeeperLife.Lives: livedAt = lookedAt; break;
                }
            }

            await Task.Delay(s_pace, time, cancellationToken);
        }
    }
}
