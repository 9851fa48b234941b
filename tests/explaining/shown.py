"""One finding of each rule with all that it rests on.

The truth was found by hand, from the fixture: which places, what stands there, what is said of it.  ``12 | text |
words`` is another place, ``name = value`` a fact.
"""

from __future__ import annotations

SHOWN = {
    "RNN101/script.py:8": """
        torch.equal(output, h_n) in the file
        6 | batch_first=True | steps are axis 1: batch_first=True
        6 | 2 | two layers: num_layers=2
        7 | gru(x) | output and h_n come from here
        batch_first = True
        num_layers = 2
        read: (sample, step, unit) of output of gru, layer: last and (layer, sample, unit) of h_n of gru, step: last
        wanted: the same states on both sides
        help: compare output[:, -1] with h_n[-1]
    """,
    "RNN102/script.py:9": """
        output[:, -1] in the file
        7 | bidirectional=True | two directions: bidirectional=True
        7 | batch_first=True | steps are axis 1: batch_first=True
        8 | gru(x) | output comes from here
        9 | fc(output[:, -1]) | fc takes it here
        bidirectional = True
        batch_first = True
        read: (sample, direction*unit[fwd|bwd]) of output of gru(x), step: last
        wanted: (sample, direction*unit[fwd|bwd]) of h_n of gru(x), step: final
        help: use torch.cat((h_n[-2], h_n[-1]), -1)
    """,
    "RNN103/script.py:14": """
        output[:, 0] in the file
        8 | bidirectional=True | two directions: bidirectional=True
        8 | batch_first=True | steps are axis 1: batch_first=True
        9 | gru(x) | output comes from here
        14 | fc(output[:, 0]) | fc takes it here
        bidirectional = True
        batch_first = True
        read: (sample, direction*unit[fwd|bwd]) of output of gru, step: 0
        wanted: (sample, direction*unit[fwd|bwd]) of h_n of gru, step: final
        help: use torch.cat((h_n[-2], h_n[-1]), -1)
    """,
    "RNN104/script.py:10": """
        h_n[-1] in the file
        8 | bidirectional=True | two directions: bidirectional=True
        9 | gru(x) | h_n comes from here
        10 | half(h_n[-1]) | half takes it here
        bidirectional = True
        read: (sample, unit) of h_n of gru(x), direction: backward, step: 0
        wanted: (sample, direction*unit[fwd|bwd]) of h_n of gru(x), step: final
        help: use torch.cat((h_n[-2], h_n[-1]), -1)
    """,
    "RNN105/script.py:9": """
        h_n[0] in the file
        7 | num_layers=2 | two layers: num_layers=2
        8 | lstm(x) | h_n comes from here
        9 | fc(h_n[0]) | fc takes it here
        num_layers = 2
        read: (sample, unit) of h_n of lstm(x), layer: 0, step: last
        wanted: (sample, unit) of h_n of lstm(x), layer: last, step: last
        help: use h_n[-1]
    """,
    "RNN106/script.py:41": """
        h_n.chunk(2, 0) in the file
        39 | bidirectional=True | two directions: bidirectional=True
        39 | 2 | two layers: num_layers=2
        40 | two(x) | h_n comes from here
        42 | backward[-1] | one direction is picked here
        42 | nn.Linear(10, 2)(torch.cat((forward[-1], backward[-1]), 1)) | nn.Linear(10, 2) takes it here
        bidirectional = True
        num_layers = 2
        read: (sample, layer*unit) of h_n of two(x), direction: backward, step: 0
        wanted: layers and directions on axes of their own
        help: use h_n.view(num_layers, 2, N, H)
    """,
    "RNN107/model.py:13": """
        torch.cat((first[-1], first[-2]), dim=1) in Siamese.forward
        8 | bidirectional=True | two directions: bidirectional=True
        11 | self.gru(one) | h_n comes from here
        13 | first[-2] | one layer is picked here
        15 | left * right | it is used here, the forward features come first here
        bidirectional = True
        read: (sample, direction*unit[bwd|fwd]) of h_n of self.gru(one), layer: last, step: final
        wanted: (sample, direction*unit[fwd|bwd]) of h_n of self.gru(one), layer: last, step: final
        help: use torch.cat((first[-2], first[-1]), -1)
    """,
    "RNN108/script.py:8": """
        output[:, -1, :hidden // 2] in the file
        6 | bidirectional=True | two directions: bidirectional=True
        6 | hidden | 8 units a direction: hidden_size=hidden, 8 here
        7 | gru(x) | output comes from here
        bidirectional = True
        hidden_size = 8
        read: (sample, step, direction*unit[fwd|bwd]) of output of gru
        wanted: two halves of 8 features
        help: split at 8
    """,
    "RNN109/model.py:13": """
        y[:, x.size(1)] in Fixed.forward
        8 | batch_first=True | steps are axis 1: batch_first=True
        12 | self.rnn(x) | output comes from here
        batch_first = True
        read: (sample, step, unit) of output of self.rnn
        wanted: one of the steps there are
        help: use -1 for the last step
    """,
    "RNN110/script.py:9": """
        output[:, 0] in the file
        7 | batch_first=True | steps are axis 1: batch_first=True
        8 | rnn(x) | output comes from here
        9 | fc(output[:, 0]) | fc takes it here
        batch_first = True
        read: (sample, unit) of output of rnn, step: 0
        wanted: (sample, unit) of output of rnn, step: last
        help: use output[:, -1]
    """,
    "RNN201/script.py:19": """
        out[:, -1] in the file
        17 | nn.LSTM(3, 5) | steps are axis 0, samples axis 1: batch_first is left at False
        18 | lstm(x) | output comes from here
        19 | fc(out[:, -1]) | fc takes it here
        batch_first = False
        read: (step, unit) of output of lstm, sample: last
        wanted: (sample, unit) of output of lstm, step: last
        help: use out[-1] (or set batch_first=True)
    """,
    "RNN202/script.py:10": """
        h_n.mean(1) in the file
        7 | num_layers=2 | two layers: num_layers=2
        7 | nn.LSTM(3, 5, num_layers=2, batch_first=True) | one direction: bidirectional is left at False
        8 | lstm(x) | h_n comes from here
        10 | fc(h_n.mean(1)) | fc takes it here
        num_layers = 2
        bidirectional = False
        read: (layer, unit) of h_n of lstm, step: last, over sample
        wanted: (sample, unit) of h_n of lstm, layer: last, step: last
        help: use h_n[-1]
    """,
    "RNN203/model.py:147": """
        hidden.view(x.size(0), 2, -1) in Picked.forward
        142 | num_layers | two layers: num_layers=num_layers, 2 here
        142 | nn.GRU(3, hidden_size, num_layers, batch_first=True) | one direction: bidirectional is left at False
        146 | self.gru(x) | h_n comes from here
        147 | hidden.view(x.size(0), 2, -1)[:, -1] | some samples are picked here
        148 | self.fc(hidden) | self.fc takes it here
        num_layers = 2
        bidirectional = False
        read: (layer*sample[1::2], unit) of h_n of self.gru, step: last
        wanted: each sample in a row of its own
        help: transpose, then reshape
    """,
    "RNN204/model.py:45": """
        self.upper(x) in Stacked.forward
        41 | batch_first=True | steps are axis 1: batch_first=True
        40 | nn.GRU(8, 20) | steps are axis 0, samples axis 1: batch_first is left at False
        44 | self.lower(x) | output comes from here, this shows which axis holds the samples
        batch_first = True
        read: (step, sample, unit) of output of self.lower
        wanted: (samples, steps, features)
        help: use transpose(0, 1) or batch_first=False
    """,
    "RNN205/model.py:53": """
        torch.einsum('nth,nu->thu', output, h_n[-1]) in Query.forward
        45 | batch_first=True | steps are axis 1: batch_first=True
        49 | self.gru(x) | output comes from here
        54 | self.fc(mixed.sum(2)) | self.fc takes it here
        batch_first = True
        read: (step, unit) of output of self.gru, over sample
        wanted: over step, each sample for itself
        help: use the axis of the steps
    """,
    "RNN206/single.py:8": """
        torch.cat(h_n[-2:], -1) in the file
        5 | nn.GRU(3, 5, bidirectional=True) | the nn.GRU is built here
        6 | gru(torch.randn(4, 7, 3)) | h_n comes from here
        read: (direction[fwd|bwd], sample, unit) of h_n of gru, step: final
        wanted: a sequence of tensors
        help: write cat(list(...), dim=-1)
    """,
    "RNN207/model.py:33": """
        self.score(output).squeeze() in Scores.forward
        28 | batch_first=True | steps are axis 1: batch_first=True
        32 | self.lstm(x) | output comes from here
        33 | F.softmax(self.score(output).squeeze(), dim=-1) | it is reduced here
        batch_first = True
        read: (sample, step) of output of self.lstm, over unit
        wanted: the same axes for a batch of one
        help: use squeeze(-1)
    """,
    "RNN208/script.py:9": """
        h_n.squeeze(0) in the file
        7 | num_layers=2 | two layers: num_layers=2
        7 | nn.GRU(3, 5, num_layers=2, batch_first=True) | one direction: bidirectional is left at False
        8 | gru(x) | h_n comes from here
        num_layers = 2
        bidirectional = False
        read: (layer, sample, unit) of h_n of gru, step: last
        wanted: (sample, unit) of h_n of gru, layer: last, step: last
        help: use h_n[-1]
    """,
    "RNN209/model.py:41": """
        nn.GRU(16, 16)(rows[:, -1]) in OneStep.forward
        41 | nn.GRU(16, 16) | steps are axis 0, samples axis 1: batch_first is left at False
        35 | batch_first=True | steps are axis 1: batch_first=True
        40 | self.gru(x) | output comes from here
        41 | rows[:, -1] | one step is picked here
        batch_first = False
        read: (sample, unit) of output of self.gru(x), step: last
        wanted: (one step, samples, features)
        help: use unsqueeze(0)
    """,
    "RNN301/model.py:23": """
        (_, _) in Thrown.forward
        19 | nn.RNN(3, 6, batch_first=True) | an RNN's state is one tensor
        23 | self.rnn(x) | h_n comes from here
        cell = RNN
        read: (1, sample, unit) of h_n of self.rnn, step: last
        wanted: one tensor
        help: write output, h_n = ...
    """,
    "RNN302/asked.py:87": """
        self.fc(s) in Answered.forward
        81 | nn.LSTM(4, 8) | an LSTM's state is the pair (h_n, c_n)
        85 | self.rnn(x) | (h_n, c_n) comes from here
        cell = LSTM
        read: (h_n, c_n)
        wanted: h_n
        help: write output, (h_n, c_n) = ...
    """,
    "RNN303/model.py:21": """
        x + self.rnn(x) in Added.forward
        21 | self.rnn(x) | (output, h_n) comes from here
        18 | nn.RNN(3, 3, batch_first=True) | an RNN returns (output, h_n)
        cell = RNN
        read: (output, h_n)
        wanted: output
        help: write output, _ = ...
    """,
    "RNN304/model.py:13": """
        self.fc(h_n[-1]) in Swapped.forward
        8 | nn.LSTM(8, 20, batch_first=True) | an LSTM's state is the pair (h_n, c_n)
        12 | self.lstm(x) | c_n comes from here
        cell = LSTM
        read: (sample, unit) of c_n of self.lstm, step: last
        wanted: (sample, unit) of h_n of self.lstm, step: last
        help: use c_n[-1]
    """,
    "RNN305/script.py:12": """
        output[-1] in the file
        7 | nn.GRU(3, 5, batch_first=True) | the nn.GRU is built here
        10 | pack_padded_sequence(x, lengths, batch_first=True) | the batch is packed here
        11 | gru(packed) | output comes from here
        read: PackedSequence {(step, sample, unit) of output of gru}, lengths fall
        wanted: a tensor
        help: use pad_packed_sequence, or h_n
    """,
    "RNN306/script.py:16": """
        gru(y, output) in the file
        7 | nn.GRU(20, 20) | a GRU's state is one tensor
        6 | nn.LSTM(20, 20) | an LSTM's state is the pair (h_n, c_n)
        9 | lstm(x) | output comes from here
        cell = GRU
        read: (step, sample, unit) of output of lstm(x)
        wanted: one tensor
        help: pass h_n
    """,
    "RNN401/model.py:66": """
        output[-1] in FromList.forward
        60 | nn.GRU(8, 16) | one direction: bidirectional is left at False
        64 | rnn_utils.pack_sequence(samples, enforce_sorted=False) | the batch is packed here
        65 | self.gru(packed) | output comes from here
        66 | self.fc(output[-1]) | self.fc takes it here
        bidirectional = False
        read: (sample, unit) of output of self.gru, step: last
        wanted: (sample, unit) of h_n of self.gru, step: last valid
        help: unpack and use h_n[-1]
    """,
    "RNN402/below.py:37": """
        output[:, -1, :6] in LastStep.forward
        11 | bidirectional=True | two directions: bidirectional=True
        11 | layers | two layers: num_layers=layers, 2 here
        36 | self.lstm(pad_sequence(samples, batch_first=True)) | output comes from here
        37 | self.fc(output[:, -1, :6]) | self.fc takes it here
        bidirectional = True
        num_layers = 2
        padding = pad_sequence
        read: (sample, unit) of output of self.lstm, layer: last, direction: forward, step: last
        wanted: (sample, direction*unit[fwd|bwd]) of output of self.lstm, layer: last, step: last valid
        help: pack it
    """,
    "RNN403/model.py:15": """
        pad_packed_sequence(output) in Forgotten.forward
        9 | nn.LSTM(8, 16, batch_first=True, bidirectional=True) | the nn.LSTM is built here
        13 | pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False) | the batch is packed here
        14 | self.lstm(packed) | output comes from here
        16 | self.fc(output) | self.fc takes it here
        read: (step, sample, direction*unit[fwd|bwd]) of output of self.lstm
        wanted: samples first, as they were packed
        help: use batch_first=True here too
    """,
    "RNN404/model.py:61": """
        output[:, index] in Twice.forward
        55 | nn.GRU(8, 16) | the nn.GRU is built here
        59 | pack_padded_sequence(x[:, index], lengths[index]) | the batch is packed here
        60 | self.gru(packed) | output comes from here
        58 | lengths.argsort(descending=True) | the samples are sorted here
        read: (step, sample, unit) of output of self.gru, sample in another order
        wanted: the samples in the order they came in
        help: use enforce_sorted=False and no sort
    """,
    "RNN405/model.py:22": """
        output.mean(dim=1) in Mean.forward
        10 | nn.GRU(8, 16, batch_first=True) | the nn.GRU is built here
        15 | pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False) | the batch is packed here
        16 | self.gru(packed) | output comes from here
        24 | self.fc(pooled) | self.fc takes it here
        read: (sample, unit) of output of self.gru, over step
        wanted: without the padding
        help: sum, and divide by the lengths
    """,
    "RNN406/model.py:15": """
        pack_padded_sequence(x, lengths, True, enforce_sorted=False) in Moved.forward
        15 | lengths | these are on the device of the model
        read: lengths on the device of the model
        wanted: lengths on the CPU
        help: use lengths.cpu()
    """,
    "RNN407/model.py:57": """
        pack_padded_sequence(x[index], lengths, batch_first=True) in Rising.forward
        57 | lengths | these do not fall
        enforce_sorted = True
        read: lengths that do not fall
        wanted: lengths that fall
        help: use enforce_sorted=False
    """,
    "RNN408/model.py:14": """
        pack_padded_sequence(x, lengths, batch_first=True) in Full.forward
        14 | lengths | each is the padded length
        read: the padded length, of every sample
        wanted: the samples' own lengths
        help: give the samples' own lengths
    """,
    "RNN501/model.py:135": """
        self.fc(self.rnn(x)[0]) in Sizes.forward
        131 | hidden | 8 units: hidden_size=hidden, 8 here
        135 | self.rnn(x) | output comes from here
        132 | nn.Linear(width, 2) | the nn.Linear is built here for 16 features
        129 | 8 | hidden=8 is the default here
        129 | 16 | width=16 is the default here
        hidden_size = 8
        hidden = 8
        width = 16
        read: (sample, step, unit) of output of self.rnn
        wanted: 16 features
        help: build it for 8
    """,
    "RNN502/model.py:23": """
        torch.zeros(self.layers, x.size(1), 20) in OneDirection.forward
        20 | layers | two layers: num_layers=layers, 2 here
        20 | bidirectional=True | two directions: bidirectional=True
        24 | self.lstm(x, (h_0, torch.zeros_like(h_0))) | the nn.LSTM starts from it here
        num_layers = 2
        bidirectional = True
        read: constants (2, 4, 20)
        wanted: (4, N, 20)
        help: make both (4, N, 20)
    """,
    "RNN503/model.py:11": """
        nn.GRU(3, width, LAYERS, dropout=0.5) in Tagger.__init__
        11 | dropout=0.5 | this acts between layers
        11 | LAYERS | one layer
        num_layers = 1
        dropout = 0.5
        read: one layer
        wanted: more than one layer
        help: use nn.Dropout
    """,
    "RNN504/model.py:53": """
        nn.LSTM(3, size, 1, 1) in Numbers.__init__
        53 | 1 | this is bias
        read: 1 as bias
        wanted: True or False
        help: write bias=True
    """,
    "RNN505/model.py:43": """
        nn.init.xavier_normal_(drawn) in Filled.forward
        37 | nn.LSTM(8, 20) | the nn.LSTM is built here
        44 | self.lstm(x, (drawn, torch.zeros_like(drawn))) | the nn.LSTM starts from it here
        read: random numbers
        wanted: zeros, or a parameter
        help: pass no state (zeros) or an nn.Parameter
    """,
    "RNN506/model.py:15": """
        self.lstm(x[:, t]) in Cells.forward
        9 | nn.LSTMCell(3, hidden) | the nn.LSTMCell is built here
        14 | for t in range(x.size(1)): | a step each time
        read: zeros at every step
        wanted: the state of the step before
        help: pass on the state this returns
    """,
    "RNN507/model.py:11": """
        torch.zeros(2, x.size(0), 20) in Forgotten.forward
        8 | nn.LSTM(8, 20, num_layers=2, batch_first=True) | the nn.LSTM is built here
        13 | self.lstm(x) | the LSTM starts from zeros here
        read: zeros
        wanted: this state
        help: pass it to the call, or delete it
    """,
    "RNN508/script.py:8": """
        h_n.detach() in the file
        4 | nn.LSTM(3, 5) | the nn.LSTM is built here
        5 | lstm(torch.randn(7, 4, 3)) | h_n comes from here
        read: (1, sample, unit) of h_n of lstm, step: last
        wanted: the same, without its graph
        help: write detach_(), or keep what detach() returns
    """,
    "RNN509/rounds.py:60": """
        self.cell(level, state) in Flood.fit
        35 | nn.GRUCell(1, 5) | the nn.GRUCell is built here
        58 | for level in levels: | backward() is called in this loop
        read: the state with its graph
        wanted: the state without it
        help: pass h.detach()
    """,
    "RNN510/model.py:21": """
        self.gru(self.words(text[:, start:start + 3]), state) in Chunks.forward
        11 | bidirectional=True | two directions: bidirectional=True
        20 | for start in range(0, text.size(1), 3): | a part each time
        bidirectional = True
        read: the state of another part
        wanted: no state, or one of the forward direction alone
        help: start each chunk without a state
    """,
}
