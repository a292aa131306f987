using System.Collections.Immutable;
using System.Text.Json;
using Helix.Clouds;
using Helix.Contracts;
using Helix.Core.Alerts;

namespace Helix.Alerts;

/// <summary>Owns what the channels were set up with. While none is, nothing is opened, and no library of cryptography is loaded for it.</summary>
internal sealed partial class ChannelSetups
{
    private readonly ChannelBook _book;
    private readonly CloudSeal _seal;
    private readonly TimeProvider _time;
    private readonly ILogger<ChannelSetups> _log;
    private readonly Lock _changing = new(); // two requests may change them at the same moment
    private ChannelNotes _notes = ChannelNotes.Empty;
    private volatile ImmutableDictionary<string, ChannelTarget?> _current = ImmutableDictionary<string, ChannelTarget?>.Empty;

    public ChannelSetups(ChannelBook book, CloudSeal seal, TimeProvider time, ILogger<ChannelSetups> log)
    {
        (_book, _seal, _time, _log) = (book, seal, time, log);
        Recall();
    }

    public bool IsSetUp(string channel) => _current.ContainsKey(channel);

    /// <returns>Null where it is not set up, or what it was set up with cannot be read on this machine: see <see cref="IsSetUp"/>.</returns>
    public ChannelTarget? Find(string channel) => _current.GetValueOrDefault(channel);

    /// <summary>Where its messages go, in words; null where it is not set up.</summary>
    public string? WordsOf(string channel) => IsSetUp(channel) ? Find(channel)?.Words ?? "cannot be read here" : null;

    /// <returns>Why not; null where it is done.</returns>
    public ApiError? SetUp(string channel, ChannelSetup setup)
    {
        if (ChannelParser.Parse(channel, setup) is SetupOutcome.Bad(var reason, var remedy)) return new(ChannelNames.All.Contains(channel) ? "invalid" : "not_found", reason, remedy);
        lock (_changing)
        {
            try
            {
                var note = new ChannelNote(channel, "", _time.GetUtcNow());
                note = note with { SealedSetup = _seal.Close(JsonSerializer.Serialize(setup, AlertJson.Default.ChannelSetup), note.Purpose) };
                Keep(new([.. _notes.Channels.Where(each => each.Id != channel).Append(note).OrderBy(each => each.Id, StringComparer.Ordinal)]));
                return null;
            }
            catch (IOException full)
            {
                return NotKept(full);
            }
        }
    }

    /// <returns>Why not; null where it is done.</returns>
    public ApiError? Remove(string channel)
    {
        lock (_changing)
        {
            if (!IsSetUp(channel)) return new("not_found", ChannelNames.All.Contains(channel) ? $"{channel} is not set up" : $"there is no channel {AlertText.Short(channel, 50)} that can be removed", "See: helix alerts channels");
            try
            {
                Keep(new([.. _notes.Channels.Where(each => each.Id != channel)]));
                return null;
            }
            catch (IOException full)
            {
                return NotKept(full);
            }
        }
    }

    /// <exception cref="IOException">It cannot be written; nothing is changed then.</exception>
    private void Keep(ChannelNotes notes)
    {
        _book.Write(notes);
        Take(notes);
    }

    private void Recall()
    {
        try
        {
            Take(_book.Read());
        }
        catch (IOException unreadable)
        {
            LogUnreadable(unreadable.Message);
        }
    }

    private void Take(ChannelNotes notes)
    {
        _notes = notes;
        // the last of two that name the same, which only another hand can have written
        _current = notes.Channels.GroupBy(note => note.Id, StringComparer.Ordinal).ToImmutableDictionary(each => each.Key, each => Opened(each.Last()), StringComparer.Ordinal);
    }

    /// <returns>Null for what was sealed with another key than this machine's, or by another helix.</returns>
    private ChannelTarget? Opened(ChannelNote note)
    {
        if (_seal.Open(note.SealedSetup, note.Purpose) is not { } text) return null;
        try
        {
            return JsonSerializer.Deserialize(text.Reveal(), AlertJson.Default.ChannelSetup) is { } setup && ChannelParser.Parse(note.Id, setup) is SetupOutcome.Good(var target) ? target : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ApiError NotKept(IOException full) => new("no_space", $"it could not be remembered: {full.Message}", "make room, then try again; nothing was changed");

    [LoggerMessage(Level = LogLevel.Warning, Message = "the channels of alerts that were set up are forgotten: {Reason}")]
    private partial void LogUnreadable(string reason);
}
