using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SmtpServer;
using SmtpServer.Authentication;
using SmtpServer.ComponentModel;
using SmtpServer.Mail;
using SmtpServer.Protocol;
using SmtpServer.Storage;

namespace Helix.Tests.Alerts;

/// <summary>How a <see cref="MailStandIn"/> takes mail.</summary>
internal sealed record MailRules
{
    /// <summary>With it the connection can be encrypted.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>From the first byte on.</summary>
    public bool IsTls { get; init; }

    /// <summary>Whoever does not know it sends nothing; null: nobody is asked.</summary>
    public string? Password { get; init; }

    /// <summary>Nothing is taken for these.</summary>
    public string[] Unknown { get; init; } = [];

    /// <summary>What is said of a whole mail, by how many were offered before; null: it is taken.</summary>
    public Func<int, SmtpResponse?> Says { get; init; } = _ => null;

    /// <summary>Awaited before anything is said of a mail.</summary>
    public Func<Task> Hesitates { get; init; } = () => Task.CompletedTask;
}

/// <summary>A mail server on loopback, by a library that others serve mail with. It may go away, and come back at the same port.</summary>
internal sealed class MailStandIn(MailRules rules) : IAsyncDisposable
{
    private readonly HeldPort _held = new();
    private CancellationTokenSource? _over;
    private Task _serving = Task.CompletedTask;
    private int _offered;

    public int Port => _held.Port;

    /// <summary>What was taken: the receivers and the mail as it came.</summary>
    public ConcurrentQueue<(string[] To, string Mail)> Got { get; } = [];

    public int Offered => Volatile.Read(ref _offered);

    public static MailStandIn Started(MailRules rules)
    {
        var server = new MailStandIn(rules);
        server.Return();
        return server;
    }

    public void Return()
    {
        _held.Dispose();
        var options = new SmtpServerOptionsBuilder().ServerName("localhost").Endpoint(endpoint =>
        {
            endpoint.Endpoint(new IPEndPoint(IPAddress.Loopback, Port)).IsSecure(rules.IsTls).AllowUnsecureAuthentication(true).AuthenticationRequired(rules.Password is not null);
            if (rules.Certificate is { } certificate) endpoint.Certificate(certificate);
        }).Build();
        var services = new ServiceProvider();
        services.Add(new Store(this));
        services.Add(new Filter(rules));
        services.Add(new Door(rules));
        _over = new();
        _serving = new SmtpServer.SmtpServer(options, services).StartAsync(_over.Token);
    }

    public async Task LeaveAsync()
    {
        if (_over is null) return;
        await _over.CancelAsync();
        try
        {
            await _serving;
        }
        catch (OperationCanceledException)
        {
            // as it was asked to
        }

        _over.Dispose();
        _over = null;
    }

    public async ValueTask DisposeAsync()
    {
        _held.Dispose();
        await LeaveAsync();
    }

    private async Task<SmtpResponse> TakeAsync(IMessageTransaction transaction, ReadOnlySequence<byte> mail)
    {
        // before it waits: what came in lies in a buffer that is used again
        var text = Encoding.UTF8.GetString(mail);
        var said = rules.Says(Interlocked.Increment(ref _offered) - 1);
        await rules.Hesitates();
        if (said is not null) return said;
        Got.Enqueue(([.. transaction.To.Select(each => $"{each.User}@{each.Host}")], text));
        return SmtpResponse.Ok;
    }

    private sealed class Store(MailStandIn server) : MessageStore
    {
        public override Task<SmtpResponse> SaveAsync(ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken) => server.TakeAsync(transaction, buffer);
    }

    private sealed class Filter(MailRules rules) : MailboxFilter
    {
        public override Task<bool> CanDeliverToAsync(ISessionContext context, IMailbox to, IMailbox @from, CancellationToken cancellationToken) => Task.FromResult(!rules.Unknown.Contains($"{to.User}@{to.Host}"));
    }

    private sealed class Door(MailRules rules) : UserAuthenticator
    {
        public override Task<bool> AuthenticateAsync(ISessionContext context, string user, string password, CancellationToken cancellationToken) => Task.FromResult(user == "helix" && password == rules.Password);
    }
}
