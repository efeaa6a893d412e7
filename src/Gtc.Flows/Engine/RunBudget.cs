using System.Text.Json;

namespace Gtc.Flows;

/// <summary>What one run has left, together with the flows that it calls.</summary>
internal sealed class RunBudget(FlowLimits limits, TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();
    private int _steps;
    private int _jumps;
    private long _bytes;

    /// <summary>How many components were called so far, built-in ones included.</summary>
    public long ComponentCalls { get; set; }

    /// <summary>What a component that is called now may take.</summary>
    public TimeSpan ComponentTime
    {
        get
        {
            var left = limits.MaxTime - time.GetElapsedTime(_started);
            return left < TimeSpan.Zero ? TimeSpan.Zero : left < limits.ComponentTime ? left : limits.ComponentTime;
        }
    }

    public void Step(string flowId)
    {
        if (++_steps > limits.MaxSteps)
        {
            throw new FlowFault($"flow {flowId} ran {limits.MaxSteps} nodes without an end");
        }

        Time(flowId);
    }

    public void Time(string flowId)
    {
        if (time.GetElapsedTime(_started) >= limits.MaxTime)
        {
            throw new FlowFault($"flow {flowId} ran longer than {limits.MaxTime.TotalSeconds:0.###} s");
        }
    }

    public void Jump(string flowId, int allowed)
    {
        if (++_jumps > Math.Min(limits.MaxJumps, allowed))
        {
            throw new FlowFault($"flow {flowId} jumped more than {Math.Min(limits.MaxJumps, allowed)} times");
        }
    }

    public void Spend(string flowId, JsonElement payload)
    {
        var bytes = JsonText.Size(payload);
        if (bytes > limits.MaxPayloadBytes)
        {
            throw new FlowFault($"the payload is larger than {limits.MaxPayloadBytes} bytes");
        }

        _bytes += bytes;
        if (_bytes > limits.MaxTotalBytes)
        {
            throw new FlowFault($"flow {flowId} rendered more than {limits.MaxTotalBytes} bytes");
        }
    }
}
