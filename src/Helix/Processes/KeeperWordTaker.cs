using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Helix.Core.Processes;
using Helix.Storage;

namespace Helix.Processes;

/// <summary>Carries out what is said on the keeper's socket. Whoever can open the socket is its owner: the folder sees to that.</summary>
internal sealed class KeeperWordTaker(HelixHome home, ListenerSet listeners, KeptChildren children, DaemonPost post, KeeperLog log)
{
    public bool QuitAsked { get; private set; }

    public void Take(KeeperConnection connection, byte[] line, TimeSpan now)
    {
        try
        {
            var request = JsonSerializer.Deserialize(line, KeeperJson.Default.KeeperRequest);
            connection.Send(request is null ? new KeeperReply("an empty request") : Carry(connection, request, now));
        }
        catch (Exception exception) when (exception is JsonException or SpawnFailedException or SocketException or IOException)
        {
            connection.Send(new KeeperReply(exception.Message, (exception as SpawnFailedException)?.Holder));
        }
    }

    private KeeperReply Carry(KeeperConnection connection, KeeperRequest request, TimeSpan now)
    {
        switch (request)
        {
            case { Word: "list" }:
                return new KeeperReply(Processes: children.Known);
            case { Word: "daemon" }:
                return new KeeperReply(Trouble: post.Trouble, Undone: post.Undone);
            case { Word: "watch" }:
                connection.Watches = true;
                post.NoteWork();
                return KeeperReply.Done;
            case { Word: "answers", Process: { } daemon }:
                post.NoteAnswer(daemon);
                return KeeperReply.Done;
            case { Word: "keep" }:
                post.Keep();
                return KeeperReply.Done;
            case { Word: "signal", Process: { } process, Signal: { } signal }:
                children.Signal(process, signal);
                return KeeperReply.Done;
            case { Word: "acknowledge", Process: { } process }:
                children.Acknowledge(process);
                return KeeperReply.Done;
            case { Word: "quit" }:
                QuitAsked = true;
                return KeeperReply.Done;
            case { Word: "spawn" or "renew" or "try" or "replace" or "listen" or "handed_over" } when QuitAsked || post.IsRetired:
                return new KeeperReply("helix is stopping: nothing is started any more");
            case { Word: "handed_over", Process: { } daemon }:
                log.Write($"the daemon {daemon.Pid} handed over; it finishes what it still answers");
                post.NoteHandOver(daemon, now);
                return KeeperReply.Done;
            case { Word: "spawn", Spec: { } spec }:
                var started = children.Spawn(spec);
                log.Write($"{started.Name} runs with pid {started.Pid}");
                return new KeeperReply(Process: started);
            case { Word: "listen", Address: { } address } when IPEndPoint.TryParse(address, out var wanted):
                return new KeeperReply(Address: listeners.BindNext(wanted));
            case { Word: "renew" or "try" or "replace", File: { } file } when !Path.IsPathFullyQualified(file) || !File.Exists(file):
                return new KeeperReply($"{file} is not the absolute path of a program");
            case { Word: "renew", File: { } file }:
                log.Write($"the daemon is followed by one of {file}");
                post.Renew(file, now);
                return KeeperReply.Done;
            case { Word: "try", File: { } file, Patience: { } patience }:
                log.Write($"{file} is tried in the daemon's place");
                post.Try(file, patience, now);
                return KeeperReply.Done;
            case { Word: "replace", File: { } file }:
                return Replace(connection, file);
            default:
                return new KeeperReply($"\"{request.Word}\" is not a word the keeper knows, or something that belongs to it is missing");
        }
    }

    // same pid, same children, same sockets, another program; the journal tells it the rest
    private KeeperReply Replace(KeeperConnection connection, string file)
    {
        log.Write($"the keeper goes on as {file}");
        connection.Send(KeeperReply.Done);
        connection.Flush();
        var environment = KeeperEnvironment.Ours();
        environment[PassedListener.Variable] = listeners.KeepThroughExec(true);
        var error = NativeExec.Become(file, ["keeper", "--home", home.Root, "--adopt"], environment);
        listeners.KeepThroughExec(false);
        log.Write($"the keeper could not become {file}: {error}");
        return new KeeperReply($"{file} could not be run: {error}");
    }
}
