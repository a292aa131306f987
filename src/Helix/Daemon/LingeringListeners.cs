using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Helix.Daemon;

/// <summary>
/// Listens as the server does. When a daemon leaves whose successor listens already, it takes in nobody more, and then waits a moment before the server
/// closes what is idle: who came in just before has not been heard yet, and would find the door shut in his face.
/// </summary>
/// <param name="lingers">False where everything is stopped, and nobody need be waited for.</param>
internal sealed class LingeringListeners(IConnectionListenerFactory inner, Func<bool> lingers, TimeProvider time) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    /// <summary>Who has connected says what he wants at once; on a busy machine both sides need their turn for it.</summary>
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(500);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new Listener(await inner.BindAsync(endpoint, cancellationToken), lingers, time);

    public bool CanBind(EndPoint endpoint) => inner is not IConnectionListenerFactorySelector selector || selector.CanBind(endpoint);

    private sealed class Listener(IConnectionListener inner, Func<bool> lingers, TimeProvider time) : IConnectionListener
    {
        public EndPoint EndPoint => inner.EndPoint;

        public ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) => inner.AcceptAsync(cancellationToken);

        public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            await inner.UnbindAsync(cancellationToken);
            if (lingers()) await Task.Delay(s_moment, time, CancellationToken.None);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
