using System.Collections.Immutable;
using Helix.Configuration;
using Helix.Core.Alerts;
using Helix.Core.Configuration;
using Helix.Core.History;
using Helix.Storage;

namespace Helix.Alerts;

/// <summary>What is known of the rules: those that hold, and why the file as it stands is not taken.</summary>
/// <param name="Own">Text of the user's file; empty for none.</param>
/// <param name="Problems">Empty where it was taken.</param>
internal sealed record RulesState(AlertRules Rules, string Own, ImmutableArray<ConfigError> Problems);

/// <summary>The rules, as the user's file says. A good edit is taken; with a bad one the rules before it hold, and it is told.</summary>
internal sealed class AlertRulesFile
{
    private readonly HelixHome _home;
    private readonly Action<HistoryEvent> _tell;
    private readonly TimeProvider _time;
    private readonly Lock _taking = new(); // the loop and a request may read the file at the same moment
    private FileText? _seen;
    private volatile RulesState _state;

    /// <exception cref="InvalidOperationException">The rules in this build are broken; a test keeps that from being shipped.</exception>
    public AlertRulesFile(HelixHome home, Action<HistoryEvent> tell, TimeProvider time)
    {
        (_home, _tell, _time) = (home, tell, time);
        _state = AlertRulesText.Parse(null) switch
        {
            AlertRulesOutcome.Good(var rules) => new(rules, "", []),
            AlertRulesOutcome.Bad(var errors) => throw new InvalidOperationException($"the rules of alerts: {string.Join("; ", errors)}"),
            _ => throw new InvalidOperationException("an outcome is either good or bad"),
        };
    }

    public RulesState Current => _state;

    /// <summary>Reads the file, and takes it where it is another one than before.</summary>
    public void Look()
    {
        lock (_taking)
        {
            var file = ConfigFile.Read(_home.AlertRules);
            if (file == _seen) return;
            _seen = file;
            Take(file);
        }
    }

    /// <summary>Puts these in the place of the user's file; empty takes it away.</summary>
    /// <returns>Why not; empty where it is done.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be written.</exception>
    public ImmutableArray<ConfigError> Write(string text)
    {
        if (AlertRulesText.Parse(text) is AlertRulesOutcome.Bad(var errors)) return errors;
        if (text.Length == 0) File.Delete(ConfigFile.TargetOf(_home.AlertRules));
        else ConfigFile.Write(_home.AlertRules, text);
        Look();
        return [];
    }

    private void Take(FileText file)
    {
        var outcome = file switch
        {
            FileText.Is(var text) => AlertRulesText.Parse(text),
            FileText.Refused(var why) => new AlertRulesOutcome.Bad([new("", null, why)]),
            _ => throw new InvalidOperationException("a text is either there or refused"),
        };
        var own = file is FileText.Is(var written) ? written : _state.Own;
        switch (outcome)
        {
            case AlertRulesOutcome.Good(var rules): _state = new(rules, own, []); break;
            case AlertRulesOutcome.Bad(var errors):
                _state = new(_state.Rules, own, errors);
                _tell(new(_time.GetUtcNow(), HistoryKind.Alert, Severity.Warning, null, null, AlertCauses.RulesRefused, $"{_home.AlertRules} is not taken: {string.Join("; ", errors)}"));
                break;
        }
    }
}
