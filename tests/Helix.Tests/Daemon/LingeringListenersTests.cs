using System.Net;
using System.Net.Sockets;
using System.Text;
using Helix.Daemon;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Helix.Tests.Daemon;

public sealed class LingeringListenersTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_was_let_in_and_not_heard_yet_is_answered_where_there_is_a_successor(bool hasSuccessor)
    {
        var moment = new HeldMoment();
        var letIn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSockets().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Use(next => connection =>
        {
            letIn.TrySetResult();
            return next(connection);
        })));
        builder.Services.AddSingleton<IConnectionListenerFactory>(provider => new LingeringListeners(
            new SocketTransportFactory(provider.GetRequiredService<IOptions<SocketTransportOptions>>(), provider.GetRequiredService<ILoggerFactory>()), () => hasSuccessor, moment));
        await using var app = builder.Build();
        app.Run(context => context.Response.WriteAsync("heard"));
        await app.StartAsync();
        var address = new Uri(app.Urls.First());
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, address.Port);
        await letIn.Task;

        var stopping = app.StopAsync();
        if (hasSuccessor) await moment.Begun;
        else await stopping;

        var answer = await AskAsync(client);
        moment.Pass();
        await stopping;
        Assert.Equal(hasSuccessor, answer.EndsWith("heard", StringComparison.Ordinal));
    }

    private static async Task<string> AskAsync(TcpClient client)
    {
        try
        {
            await client.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());
            using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
            return (await reader.ReadToEndAsync()).TrimEnd('\r', '\n', '0');
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>A time in which nothing is ever over, until the test says so.</summary>
    private sealed class HeldMoment : TimeProvider
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Action? _over;

        public Task Begun => _begun.Task;

        public void Pass() => _over?.Invoke();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _over = () => callback(state);
            _begun.TrySetResult();
            return new Nothing();
        }

        private sealed class Nothing : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
